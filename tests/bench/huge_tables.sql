-- About 4 GB of rows: a log that visitors write, a plugin's entries, core's posts with their meta, and
-- a guestbook that the measured update alters.
SET SESSION unique_checks = 0, foreign_key_checks = 0;
SET @words = REPEAT('le client a demandé un devis pour la cuisine et le salon ', 30);
CREATE TABLE wp_visits_log (
    id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
    at DATETIME NOT NULL,
    path VARCHAR(190) NOT NULL,
    detail LONGTEXT NOT NULL,
    KEY at (at)
);
INSERT INTO wp_visits_log (at, path, detail)
    SELECT '2026-01-01' + INTERVAL seq SECOND, CONCAT('/page-', seq % 5000, '/'),
        CONCAT(MD5(seq), SHA1(seq), MID(@words, 1 + seq % 9, 1500), MD5(seq + 1), SHA1(seq + 1))
    FROM seq_1_to_1100000;
CREATE TABLE wp_forms_entries LIKE wp_visits_log;
INSERT INTO wp_forms_entries (at, path, detail)
    SELECT at, path, detail FROM wp_visits_log WHERE id <= 600000;
INSERT INTO wp_posts (post_author, post_date, post_date_gmt, post_content, post_title, post_excerpt,
        post_status, post_name, to_ping, pinged, post_modified, post_modified_gmt, post_content_filtered, post_type)
    SELECT 1, '2026-01-01', '2026-01-01', CONCAT('<p>', MD5(seq), @words, SHA1(seq), @words, '</p>'),
        CONCAT('Article ', seq), '', 'publish', CONCAT('article-', seq), '', '', '2026-01-01', '2026-01-01', '', 'post'
    FROM seq_1_to_100000;
INSERT INTO wp_postmeta (post_id, meta_key, meta_value)
    SELECT 1 + seq % 100000, CONCAT('_bench_', seq % 7), CONCAT_WS('-', MD5(seq), SHA1(seq), MD5(seq + 1))
    FROM seq_1_to_700000;
INSERT INTO wp_guestbook (author, message, created_at)
    SELECT CONCAT('Agathe ', seq), CONCAT(MD5(seq), MID(@words, 1 + seq % 9, 300)), '2026-01-01'
    FROM seq_1_to_100000;
-- keep the sizes that the probe reads true
ANALYZE TABLE wp_visits_log, wp_forms_entries, wp_posts, wp_postmeta, wp_guestbook;
