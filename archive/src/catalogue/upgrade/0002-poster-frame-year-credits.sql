-- A poster must not show a frame that a version leaves out; pages tell the year and whose work it is.

ALTER TABLE title ADD COLUMN poster_frame BIGINT; -- the frame of the stored tracks that the poster shows
ALTER TABLE title ADD COLUMN year BIGINT;
ALTER TABLE title ADD COLUMN credits TEXT NOT NULL DEFAULT '';
