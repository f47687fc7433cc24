-- What is said of a title or a version and changed on the disk is found when it is read.

ALTER TABLE title ADD COLUMN sum TEXT; -- SHA-256 over the title and its tracks; null in titles that were entered before
ALTER TABLE version ADD COLUMN sum TEXT; -- SHA-256 over the version; null in versions that were entered before
