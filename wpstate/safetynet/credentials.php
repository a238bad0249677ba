<?php
/**
 * Writes the database client's option file from the constants that wp_config.php printed.
 * stdin: that JSON. Arguments: the option file to write (0600), the file for the database's name.
 *
 * DB_HOST is taken apart as wpdb::parse_db_host() does (WordPress 6.8, class-wpdb.php). Quoting
 * follows the option file rules of MariaDB and MySQL (mysys/my_default.c).
 */

$answer = json_decode(stream_get_contents(STDIN), true);
$constants = $answer['constants'] ?? $answer;
if (!is_array($constants) || !isset($constants['DB_NAME'], $constants['DB_USER'], $constants['DB_HOST'])) {
    fwrite(STDERR, "wp-config.php gave no database constants\n");
    exit(1);
}

$host = (string) $constants['DB_HOST'];
$socket = $port = null;
if (($at = strpos($host, ':/')) !== false) {
    $socket = substr($host, $at + 1);
    $host = substr($host, 0, $at);
}
$pattern = substr_count($host, ':') > 1
    ? '#^(?:\[)?(?P<host>[0-9a-fA-F:]+)(?:\]:(?P<port>[\d]+))?#'
    : '#^(?P<host>[^:/]*)(?::(?P<port>[\d]+))?#';
if (preg_match($pattern, $host, $parts)) {
    $host = $parts['host'];
    $port = $parts['port'] ?? null;
}

function quoted(string $value): string
{
    $pairs = ['\\' => '\\\\', '"' => '\\"', "\n" => '\\n', "\r" => '\\r', "\t" => '\\t'];
    return '"' . strtr($value, $pairs) . '"';
}

$lines = ['[client]'];
$lines[] = 'user=' . quoted((string) $constants['DB_USER']);
$lines[] = 'password=' . quoted((string) ($constants['DB_PASSWORD'] ?? ''));
$lines[] = 'host=' . quoted($host === '' ? 'localhost' : $host);
if ($port !== null && $port !== '') {
    $lines[] = 'port=' . (int) $port;
}
if ($socket !== null) {
    $lines[] = 'socket=' . quoted($socket);
}
$flags = $constants['MYSQL_CLIENT_FLAGS'] ?? 0;
if (is_int($flags) && ($flags & 2048)) {
    $lines[] = 'loose-ssl';
}
$lines[] = '[client-mariadb]';
$lines[] = 'loose-skip-ssl-verify-server-cert';

umask(0077);
if (file_put_contents($argv[1], implode("\n", $lines) . "\n") === false
    || file_put_contents($argv[2], $constants['DB_NAME'] . "\n") === false) {
    exit(1);
}
