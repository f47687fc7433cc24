-- What the first release wrote, beside its schema (upgrade/0001).
CREATE TABLE format (version BIGINT NOT NULL);
INSERT INTO format VALUES (1);
INSERT INTO blob VALUES
    ('0cab1c9617404faf2b24e221e189ca5945813e14d3f766345b09ca13bbe28ffc', 100),
    ('e9de9da69ba2fc9b66ab2a91bc47852ad616c4a0ec6d78699146b453278f299c', 101),
    ('dd29442deca69f52c50006b831cb216edf78a7da33748f0a80ff19f2ebe57ecd', 102),
    ('1ac671d3c4bccadbd2ede1c4cb1fb537dad21de7864e14074caa9cc17387f7a4', 103),
    ('e6c18fdbe59783dfefef3595cd288bcb7ce912d36854b5e8faaef31235d9031b', 104),
    ('978482d92860ca18286759f26c981eefd6a4ca936a8006c1f85ca4bbe56faf8a', 105),
    ('982d9e3eb996f559e633f4d194def3761d909f5a3b647d1a851fead67c32c9d1', 106),
    ('293b9207228b7854bc3ccb2959ebea1583e066d41983124a5b381d6fdf6575f8', 107),
    ('ad9243fa6fb22714f45277ba907cb9383a18674fbcdb7b4b05a86929b2d853cd', 108),
    ('a4895eb44afc336fecbba6e520cd67e178dace0276655d102fceffa8e5f70570', 109),
    ('f933efde01a11db45c39557ebc2caf73648edfb9afaf9c73f49321163009aff0', 110);
INSERT INTO title VALUES (
    'forest', 'film', '{"ko":"남쪽의 숲","vi":"Đất rừng phương Nam"}', 24000, 1001, 1, 48,
    '41cf6794ba4200b839c53531555f0f3998df4cbb01a4d5cb0b94e3ca5e23947d',
    '293b9207228b7854bc3ccb2959ebea1583e066d41983124a5b381d6fdf6575f8', '[[1,3,"Mở đầu"]]', 1000000);
INSERT INTO rendition VALUES (
    'forest', 0, '0cab1c9617404faf2b24e221e189ca5945813e14d3f766345b09ca13bbe28ffc',
    'e9de9da69ba2fc9b66ab2a91bc47852ad616c4a0ec6d78699146b453278f299c',
    '795c08678c3eacc2121dc1ba83e63fed9eb8cb42a869a28e39d96745138eaba9', 'film.mp4');
INSERT INTO sound VALUES (
    'forest', 0, 'vi', 'Tiếng Việt', 1,
    'dd29442deca69f52c50006b831cb216edf78a7da33748f0a80ff19f2ebe57ecd',
    '1ac671d3c4bccadbd2ede1c4cb1fb537dad21de7864e14074caa9cc17387f7a4',
    'e6c18fdbe59783dfefef3595cd288bcb7ce912d36854b5e8faaef31235d9031b',
    '978482d92860ca18286759f26c981eefd6a4ca936a8006c1f85ca4bbe56faf8a',
    -1, 48000, '{"integrated":-2310,"range":870,"peak":-104}',
    '795c08678c3eacc2121dc1ba83e63fed9eb8cb42a869a28e39d96745138eaba9', 'film.mp4');
INSERT INTO text VALUES (
    'forest', 0, 'ko', '한국어', 1, '982d9e3eb996f559e633f4d194def3761d909f5a3b647d1a851fead67c32c9d1',
    '612800da4f824d7694fec7e5ab6a244e44494da8c07b50d515ff90aafbc3618c', 'film.ko.srt');
INSERT INTO thumbnails VALUES (
    'forest', 'ad9243fa6fb22714f45277ba907cb9383a18674fbcdb7b4b05a86929b2d853cd',
    256, 144, '[[1,0,50],[25,50,58]]');
INSERT INTO made VALUES (
    'be8dff00b0d468b29d804886729be5b430163ad625b1b621d943c2f80005281a', 'a4895eb44afc336fecbba6e520cd67e178dace0276655d102fceffa8e5f70570',
    'f933efde01a11db45c39557ebc2caf73648edfb9afaf9c73f49321163009aff0', 'patch of rendition 0', 5);
INSERT INTO version VALUES (
    'forest', 'cut', '{"vi":"Bản cắt"}', 'film forest 1 20', '730d725c8a59d3a7303def2bed041a577edb4255aabd4889ce12918311d952f0', 7);
INSERT INTO version_title VALUES ('forest', 'cut', 'forest');
INSERT INTO version_made VALUES (
    'forest', 'cut', 'be8dff00b0d468b29d804886729be5b430163ad625b1b621d943c2f80005281a');
INSERT INTO job VALUES ('add river', 'add', 'running', '{"files":["river.mp4"]}', '{"step":2}', NULL, 1, 99, 3, 4);
INSERT INTO job_blob VALUES ('add river', '0cab1c9617404faf2b24e221e189ca5945813e14d3f766345b09ca13bbe28ffc');
