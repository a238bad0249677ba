-- About 300 MB of rows: posts with their meta, and a plugin's own table, doubled again and again.
-- Text of different words in each row, as articles are, so that packing costs what it costs.
SET SESSION unique_checks = 0, foreign_key_checks = 0;
CREATE TABLE wp_bench_log (
    id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
    at DATETIME NOT NULL,
    path VARCHAR(190) NOT NULL,
    detail LONGTEXT NOT NULL,
    KEY path (path)
);
INSERT INTO wp_bench_log (at, path, detail)
    SELECT '2026-01-01' + INTERVAL seq MINUTE, CONCAT('/page-', seq, '/'),
        CONCAT_WS(' ', MD5(seq), SHA1(seq + 1), 'le client a demandé un devis pour', SHA2(seq, 512), 'le', seq,
            REPEAT('lorem ipsum dolor sit amet consectetur ', 6))
    FROM seq_1_to_250000;
INSERT INTO wp_posts (post_author, post_date, post_date_gmt, post_content, post_title, post_excerpt,
        post_status, post_name, to_ping, pinged, post_modified, post_modified_gmt, post_content_filtered, post_type)
    SELECT 1, '2026-01-01', '2026-01-01',
        CONCAT_WS(' ', '<p>', MD5(seq), REPEAT('les mots d’un article ', 60), SHA2(seq, 512), SHA2(seq + 9, 512),
            REPEAT('et ceux de son auteur ', 60), '</p>'),
        CONCAT('Article ', seq), '', 'publish', CONCAT('article-', seq), '', '', '2026-01-01', '2026-01-01', '', 'post'
    FROM seq_1_to_25000;
INSERT INTO wp_postmeta (post_id, meta_key, meta_value)
    SELECT 1 + seq % 25000, CONCAT('_bench_', seq % 7), CONCAT_WS('-', MD5(seq), SHA1(seq))
    FROM seq_1_to_250000;
-- keep the sizes that the probe reads true
ANALYZE TABLE wp_bench_log, wp_posts, wp_postmeta;
