-- What stood once can be told of later: a version that is removed leaves its list and both instants.

CREATE TABLE version_removed (
    title TEXT NOT NULL, -- need not exist any more
    name TEXT NOT NULL,
    spans TEXT NOT NULL, -- the canonical text of the composition
    composition TEXT NOT NULL, -- its digest; no blob
    created BIGINT NOT NULL,
    removed BIGINT NOT NULL
);
