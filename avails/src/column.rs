//! The columns of an avail that Phim reads. The others (prices, billing, marketing) stay in the document.

/// A column of the workbook, and the element of the XML that means the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Column {
    Alid,
    Transaction,
    Licensor,
    Licensee,
    EntryType,
    WorkType,
    ContentId,
    EpisodeContentId,
    VolumeContentId,
    SeasonContentId,
    SeriesContentId,
    TitleId,
    EditId,
    EpisodeId,
    EpisodeTitleId,
    VolumeId,
    SeasonId,
    SeriesId,
    Bundled,
    Territory,
    Excluded,
    LicenseType,
    Format,
    Start,
    StartLag,
    End,
    EndLag,
    Duration,
    FixedEnd,
    Exclusive,
    AssetLanguage,
    AllowedLanguage,
    HeldBackLanguage,
    Contract,
    RatingSystem,
    RatingValue,
    RatingReason,
    ReferredTerritory,
    ReferredExcluded,
    ReferredLicense,
    ReferredFormat,
    VolumeFirst,
    VolumeCount,
}

use Column::*;

/// Group and name of the two header rows (layouts 1.7 to 1.9; where two spellings are in use, both).
const HEADERS: [(&str, &str, Column); 45] = [
    ("Avail", "ALID", Alid),
    ("Avail", "AvailID", Transaction),
    ("Avail", "DisplayName", Licensor),
    ("Avail", "Licensee", Licensee),
    ("Avail", "BundleALIDs", Bundled),
    ("Avail", "BundledALIDs", Bundled),
    ("Disposition", "EntryType", EntryType),
    ("AvailAsset", "WorkType", WorkType),
    ("AvailAsset", "ContentID", ContentId),
    ("AvailAsset", "EpisodeContentID", EpisodeContentId),
    ("AvailAsset", "VolumeContentID", VolumeContentId),
    ("AvailAsset", "SeasonContentID", SeasonContentId),
    ("AvailAsset", "SeriesContentID", SeriesContentId),
    ("AvailAsset", "TitleID", TitleId),
    ("AvailAsset", "EditID", EditId),
    ("AvailMetadata", "EpisodeID", EpisodeId),
    ("AvailMetadata", "EpisodeTitleID", EpisodeTitleId),
    ("AvailMetadata", "VolumeID", VolumeId),
    ("AvailMetadata", "SeasonID", SeasonId),
    ("AvailMetadata", "SeriesID", SeriesId),
    ("AvailMetadata", "RatingSystem", RatingSystem),
    ("AvailMetadata", "RatingValue", RatingValue),
    ("AvailMetadata", "RatingReason", RatingReason),
    ("AvailMetadata", "VolumeFirstEpisodeNumber", VolumeFirst),
    ("AvailMetadata", "VolumeNumberOfEpisodes", VolumeCount),
    ("AvailTrans", "Territory", Territory),
    ("AvailTrans", "TerritoryExclusion", Excluded),
    ("AvailTrans", "LicenseType", LicenseType),
    ("AvailTrans", "FormatProfile", Format),
    ("AvailTrans", "Start", Start),
    ("AvailTrans", "StartLag", StartLag),
    ("AvailTrans", "End", End),
    ("AvailTrans", "EndLag", EndLag),
    ("AvailTrans", "WindowDuration", Duration),
    ("AvailTrans", "FixedEndDate", FixedEnd),
    ("AvailTrans", "Exclusive", Exclusive),
    ("AvailTrans", "AssetLanguage", AssetLanguage),
    ("AvailTrans", "AllowedLanguages", AllowedLanguage),
    ("AvailTrans", "HoldbackLanguage", HeldBackLanguage),
    ("AvailTrans", "HoldbackLanguages", HeldBackLanguage),
    ("AvailTrans", "ContractID", Contract),
    ("Reference", "RefTerritory", ReferredTerritory),
    ("Reference", "RefTerritoryExcluded", ReferredExcluded),
    ("Reference", "RefLicenseType", ReferredLicense),
    ("Reference", "RefFormatProfile", ReferredFormat),
];

/// Groups of the first header row.
const GROUPS: [&str; 6] = ["Avail", "AvailAsset", "AvailTrans", "AvailMetadata", "Disposition", "Reference"];

impl Column {
    /// The column under these two headers; none where Phim does not read it.
    pub fn headed(group: &str, name: &str) -> Option<Column> {
        let same =
            |(g, n, _): &&(&str, &str, Column)| group.eq_ignore_ascii_case(g) && name.eq_ignore_ascii_case(n);
        HEADERS.iter().find(same).map(|(_, _, column)| *column)
    }

    /// The name by which people find it.
    pub fn name(self) -> &'static str {
        HEADERS.iter().find(|(_, _, column)| *column == self).map_or("", |(_, name, _)| name)
    }

    /// Whether a cell lists several values.
    pub fn is_list(self) -> bool {
        matches!(
            self,
            Territory
                | Excluded
                | AssetLanguage
                | AllowedLanguage
                | HeldBackLanguage
                | Bundled
                | RatingReason
                | ReferredTerritory
                | ReferredExcluded
        )
    }
}

pub(crate) fn is_group(text: &str) -> bool {
    GROUPS.iter().any(|group| text.eq_ignore_ascii_case(group))
}
