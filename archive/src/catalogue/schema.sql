-- The schema as the steps in upgrade/ leave it, for reading; a test writes and compares it.

CREATE TABLE format (version BIGINT NOT NULL);
CREATE TABLE blob (
    digest TEXT PRIMARY KEY NOT NULL CHECK (length(digest) = 64),
    bytes BIGINT NOT NULL CHECK (bytes >= 0)
);
CREATE TABLE title (
    id TEXT PRIMARY KEY NOT NULL CHECK (id <> ''),
    kind TEXT NOT NULL CHECK (kind IN ('film', 'programme', 'news')),
    names TEXT NOT NULL, -- JSON {language: name}
    rate_num BIGINT NOT NULL,
    rate_den BIGINT NOT NULL,
    from_frame BIGINT NOT NULL, -- the first frame of the stored tracks that is presented
    to_frame BIGINT NOT NULL, -- one past the last
    source TEXT NOT NULL, -- digest that compositions name this very media by; no blob
    poster TEXT REFERENCES blob (digest),
    chapters TEXT NOT NULL, -- JSON [[numerator, denominator, name]], seconds
    created BIGINT NOT NULL, poster_frame BIGINT, year BIGINT, credits TEXT NOT NULL DEFAULT '', series TEXT, season BIGINT, episode BIGINT, derived_from TEXT NOT NULL DEFAULT '[]', sum TEXT,
    CHECK (from_frame < to_frame)
);
CREATE TABLE rendition (
    title TEXT NOT NULL REFERENCES title (id) ON DELETE CASCADE,
    ordinal BIGINT NOT NULL,
    blob TEXT NOT NULL REFERENCES blob (digest),
    index_blob TEXT NOT NULL REFERENCES blob (digest),
    original TEXT NOT NULL, -- digest of the file it came from; no blob
    original_name TEXT NOT NULL, hold_blob TEXT REFERENCES blob (digest), hold_index TEXT REFERENCES blob (digest),
    PRIMARY KEY (title, ordinal)
);
CREATE TABLE sound (
    title TEXT NOT NULL REFERENCES title (id) ON DELETE CASCADE,
    ordinal BIGINT NOT NULL,
    language TEXT NOT NULL,
    label TEXT NOT NULL,
    is_default BIGINT NOT NULL CHECK (is_default IN (0, 1)),
    blob TEXT NOT NULL REFERENCES blob (digest),
    index_blob TEXT NOT NULL REFERENCES blob (digest),
    silence_blob TEXT NOT NULL REFERENCES blob (digest),
    silence_index TEXT NOT NULL REFERENCES blob (digest),
    offset_num BIGINT NOT NULL, -- seconds
    offset_den BIGINT NOT NULL,
    loudness TEXT, -- JSON {integrated, range, peak}, hundredths
    original TEXT NOT NULL,
    original_name TEXT NOT NULL,
    PRIMARY KEY (title, ordinal)
);
CREATE TABLE text (
    title TEXT NOT NULL REFERENCES title (id) ON DELETE CASCADE,
    ordinal BIGINT NOT NULL,
    language TEXT NOT NULL,
    label TEXT NOT NULL,
    forced BIGINT NOT NULL CHECK (forced IN (0, 1)),
    blob TEXT NOT NULL REFERENCES blob (digest), -- WebVTT as Phim writes it
    original TEXT NOT NULL,
    original_name TEXT NOT NULL,
    PRIMARY KEY (title, ordinal)
);
CREATE TABLE thumbnails (
    title TEXT PRIMARY KEY NOT NULL REFERENCES title (id) ON DELETE CASCADE,
    blob TEXT NOT NULL REFERENCES blob (digest),
    width BIGINT NOT NULL,
    height BIGINT NOT NULL,
    tiles TEXT NOT NULL -- JSON [[frame, offset, bytes]]
);
CREATE TABLE made (
    key TEXT PRIMARY KEY NOT NULL CHECK (length(key) = 64), -- digest of the need
    blob TEXT NOT NULL REFERENCES blob (digest),
    index_blob TEXT NOT NULL REFERENCES blob (digest),
    what TEXT NOT NULL, -- the need in words
    created BIGINT NOT NULL
);
CREATE TABLE version (
    title TEXT NOT NULL REFERENCES title (id) ON DELETE CASCADE,
    name TEXT NOT NULL CHECK (name <> ''),
    labels TEXT NOT NULL, -- JSON {language: label}
    spans TEXT NOT NULL, -- the canonical text of the composition
    composition TEXT NOT NULL, -- its digest; no blob
    created BIGINT NOT NULL, sum TEXT,
    PRIMARY KEY (title, name)
);
CREATE TABLE version_title (
    title TEXT NOT NULL,
    name TEXT NOT NULL,
    shows TEXT NOT NULL REFERENCES title (id) DEFERRABLE INITIALLY DEFERRED,
    PRIMARY KEY (title, name, shows),
    FOREIGN KEY (title, name) REFERENCES version (title, name) ON DELETE CASCADE
);
CREATE TABLE version_made (
    title TEXT NOT NULL,
    name TEXT NOT NULL,
    key TEXT NOT NULL REFERENCES made (key),
    PRIMARY KEY (title, name, key),
    FOREIGN KEY (title, name) REFERENCES version (title, name) ON DELETE CASCADE
);
CREATE TABLE job (
    key TEXT PRIMARY KEY NOT NULL CHECK (key <> ''),
    kind TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('waiting', 'running', 'done', 'failed')),
    input TEXT NOT NULL, -- JSON, what was asked
    progress TEXT NOT NULL, -- JSON, what is done and need not be done again
    error TEXT, -- why it failed, in words
    attempts BIGINT NOT NULL, -- times it was begun; the number of the attempt that may write to it
    lease_until BIGINT NOT NULL, -- instant after which another attempt may begin
    created BIGINT NOT NULL,
    updated BIGINT NOT NULL
);
CREATE TABLE job_blob (
    job TEXT NOT NULL REFERENCES job (key) ON DELETE CASCADE,
    blob TEXT NOT NULL REFERENCES blob (digest),
    PRIMARY KEY (job, blob)
);
CREATE TABLE record (
    log TEXT NOT NULL CHECK (log <> ''),
    number BIGINT NOT NULL CHECK (number >= 0),
    text TEXT NOT NULL, digest TEXT, -- the record's canonical bytes, which are UTF-8
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
CREATE TABLE version_removed (
    title TEXT NOT NULL, -- need not exist any more
    name TEXT NOT NULL,
    spans TEXT NOT NULL, -- the canonical text of the composition
    composition TEXT NOT NULL, -- its digest; no blob
    created BIGINT NOT NULL,
    removed BIGINT NOT NULL
);
