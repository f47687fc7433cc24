-- Decisions are records of append-only logs, and what they commit to lies beside them. A rendition has
-- black pictures to show in place of a scene that is held. Orders name episodes of series, and bind
-- what was cut from a work into files of its own.

CREATE TABLE record (
    log TEXT NOT NULL CHECK (log <> ''),
    number BIGINT NOT NULL CHECK (number >= 0),
    text TEXT NOT NULL, -- the record's canonical bytes, which are UTF-8
    PRIMARY KEY (log, number)
);
CREATE TABLE document (
    commitment TEXT PRIMARY KEY NOT NULL CHECK (length(commitment) = 64),
    log TEXT NOT NULL,
    number BIGINT NOT NULL,
    salt TEXT, -- 64 hexadecimal digits; null once the document is erased
    content TEXT, -- null once erased
    blob TEXT REFERENCES blob (digest), -- the file that the document names, such as an order's scan
    FOREIGN KEY (log, number) REFERENCES record (log, number)
);
ALTER TABLE rendition ADD COLUMN hold_blob TEXT REFERENCES blob (digest);
ALTER TABLE rendition ADD COLUMN hold_index TEXT REFERENCES blob (digest);
ALTER TABLE title ADD COLUMN series TEXT; -- the series that it is an episode of
ALTER TABLE title ADD COLUMN season BIGINT;
ALTER TABLE title ADD COLUMN episode BIGINT;
ALTER TABLE title ADD COLUMN derived_from TEXT NOT NULL DEFAULT '[]'; -- JSON [title]: whose pictures it shows in files of its own

DROP VIEW reference;
CREATE VIEW reference (blob, title, what, index_of) AS
    SELECT poster, id, 'poster', NULL FROM title WHERE poster IS NOT NULL
    UNION ALL SELECT blob, title, 'rendition ' || ordinal, NULL FROM rendition
    UNION ALL SELECT index_blob, title, 'index of rendition ' || ordinal, blob FROM rendition
    UNION ALL SELECT hold_blob, title, 'hold of rendition ' || ordinal, NULL FROM rendition WHERE hold_blob IS NOT NULL
    UNION ALL SELECT hold_index, title, 'index of the hold of rendition ' || ordinal, hold_blob FROM rendition WHERE hold_blob IS NOT NULL
    UNION ALL SELECT blob, title, 'sound ' || ordinal, NULL FROM sound
    UNION ALL SELECT index_blob, title, 'index of sound ' || ordinal, blob FROM sound
    UNION ALL SELECT silence_blob, title, 'silence of sound ' || ordinal, NULL FROM sound
    UNION ALL SELECT silence_index, title, 'index of the silence of sound ' || ordinal, silence_blob FROM sound
    UNION ALL SELECT blob, title, 'text ' || ordinal, NULL FROM text
    UNION ALL SELECT blob, title, 'thumbnails', NULL FROM thumbnails
    UNION ALL SELECT blob, NULL, what, NULL FROM made
    UNION ALL SELECT index_blob, NULL, 'index of ' || what, blob FROM made
    UNION ALL SELECT blob, NULL, 'job ' || job, NULL FROM job_blob
    UNION ALL SELECT blob, NULL, 'document ' || commitment, NULL FROM document WHERE blob IS NOT NULL;
