-- Tables that dumps, comparisons and restores find hard. They follow the dump in the pristine copy
-- as they stand here, because a dump would already have rounded the FLOATs.
SET NAMES utf8mb4;
DROP VIEW IF EXISTS wp_lab_titles;
DROP TABLE IF EXISTS wp_lab_audit, wp_lab_measures, wp_lab_legacy, `wp_lab odd-name`;

CREATE TABLE wp_lab_measures (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
  seen FLOAT,
  exact DOUBLE,
  price DECIMAL(20,6),
  flags BIT(12) NOT NULL DEFAULT b'0',
  raw BLOB,
  note VARCHAR(190) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_520_ci,
  doc LONGTEXT CHECK (JSON_VALID(doc)),
  kind ENUM('a','é','''quoted'''),
  taken TIMESTAMP(6) NULL,
  never DATE DEFAULT '1000-01-01',
  half DOUBLE GENERATED ALWAYS AS (exact / 2) STORED,
  shout VARCHAR(190) GENERATED ALWAYS AS (UPPER(note)) VIRTUAL,
  PRIMARY KEY (id),
  KEY note (note)
) ENGINE=InnoDB AUTO_INCREMENT=1000 DEFAULT CHARSET=utf8mb4;

CREATE TABLE wp_lab_audit (
  id INT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  measure BIGINT UNSIGNED,
  said VARCHAR(50),
  FOREIGN KEY (measure) REFERENCES wp_lab_measures (id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

CREATE TABLE wp_lab_legacy (
  word VARCHAR(50) NOT NULL,
  body TEXT,
  FULLTEXT KEY body (body)
) ENGINE=MyISAM DEFAULT CHARSET=latin1;

CREATE TABLE `wp_lab odd-name` (`select` INT, `a b` VARCHAR(20)) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

DELIMITER //
CREATE DEFINER=`wpl_atelier`@`127.0.0.1` TRIGGER wp_lab_measured AFTER INSERT ON wp_lab_measures
FOR EACH ROW BEGIN
  INSERT INTO wp_lab_audit (measure, said) VALUES (NEW.id, 'measured; noted');
END//
DELIMITER ;

CREATE DEFINER=`wpl_atelier`@`127.0.0.1` SQL SECURITY DEFINER VIEW wp_lab_titles AS
  SELECT ID, post_title FROM wp_posts WHERE post_status = 'publish';

INSERT INTO wp_lab_measures (seen, exact, price, flags, raw, note, doc, kind, taken) VALUES
  (16777217, 0.1, 12345678901234.567890, b'101010101010', x'00FF0A0D1A275C22', 'Croissant 🥐 et café', '{"a": [1, "é"]}', 'é', '2024-02-29 12:34:56.123456'),
  (1.1, 1e308, -0.000001, b'1', x'', '', NULL, '''quoted''', NULL),
  (NULL, -1.7976931348623157e308, NULL, b'0', NULL, 'line\nbreak\ttab "quote" \\back', '[]', NULL, '2001-01-01 00:00:00');
INSERT INTO wp_lab_legacy VALUES ('déjà', 'vu à la fenêtre'), ('', 'empty word');
INSERT INTO `wp_lab odd-name` VALUES (1, 'a;b'), (2, NULL);
