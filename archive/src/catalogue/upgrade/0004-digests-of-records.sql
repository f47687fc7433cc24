-- A record that changed on the disk is found when it is read.

ALTER TABLE record ADD COLUMN digest TEXT; -- SHA-256 of text; null in records that were entered before
