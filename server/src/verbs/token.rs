//! `phim token …`: the keys of access tokens, and tokens for play requests.

use clap::Subcommand;
use policy::Territory;

use crate::acts::Act;
use crate::token::door::Wish;
use crate::token::keyring::Kept;

#[derive(Subcommand, Debug)]
pub enum Token {
    /// List the keys, with what a CDN checks tokens with
    Keys,
    /// Seal with a new key from now on; what the old one sealed stays good to its end
    #[command(
        after_help = "A key is for one algorithm for all its life. Tell CDNs the new one at once (phim token keys); they need\nthe old one for four hours more.\n\nExamples:\n  phim token rotate\n  phim token rotate --algorithm es256"
    )]
    Rotate {
        /// hs256: who checks could also issue; es256 and eddsa: who checks cannot
        #[arg(long, value_enum, default_value = "hs256")]
        algorithm: Kept,
    },
    /// Issue a token for one play request, which says where the viewer's account is kept
    #[command(after_help = "Example:\n  phim token issue --territory VN --home KR")]
    Issue {
        /// Where the request will come from
        #[arg(long, value_name = "CC", value_parser = Territory::parse)]
        territory: Option<Territory>,
        /// The country that keeps the viewer's account
        #[arg(long, value_name = "CC", value_parser = Territory::parse)]
        home: Option<Territory>,
    },
}

impl Token {
    pub fn into_act(self) -> Act {
        match self {
            Token::Keys => Act::TokenKeys,
            Token::Rotate { algorithm } => Act::TokenRotate { algorithm },
            Token::Issue { territory, home } => Act::TokenIssue(Wish { territory, home }),
        }
    }
}
