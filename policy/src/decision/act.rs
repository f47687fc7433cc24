//! What can be said of every act: its word, what it is about, and its limits.

use media::{Error, Result};

use super::{Act, Proposed, Sealed, check_title};
use crate::avail;
use crate::order::OrderId;

impl Act {
    /// The word under which it is recorded.
    pub fn kind(&self) -> &'static str {
        match self {
            Act::OrderPlaced { .. } => "order-placed",
            Act::OrderResolved { .. } => "order-resolved",
            Act::OrderAmended { .. } => "order-amended",
            Act::OrderEscalated { .. } => "order-escalated",
            Act::OrderApproved { .. } => "order-approved",
            Act::OrderRefused { .. } => "order-refused",
            Act::OrderLifted { .. } => "order-lifted",
            Act::OrderAppealed { .. } => "order-appealed",
            Act::AppealAnswered { .. } => "appeal-answered",
            Act::Reported { .. } => "reported",
            Act::ProposalMade { .. } => "proposal-made",
            Act::ProposalSent { .. } => "proposal-sent",
            Act::ProposalAccepted { .. } => "proposal-accepted",
            Act::ProposalOverridden { .. } => "proposal-overridden",
            Act::ProposalRefused { .. } => "proposal-refused",
            Act::CaseOpened { .. } => "case-opened",
            Act::CaseLetter { .. } => "case-letter",
            Act::CaseQuestion { .. } => "case-question",
            Act::CaseAnswer { .. } => "case-answer",
            Act::CaseClosed { .. } => "case-closed",
            Act::AvailsEntered { .. } => "avails-entered",
            Act::AvailsRemoved { .. } => "avails-removed",
            Act::TitleNamed { .. } => "title-named",
            Act::TookEffect { .. } => "took-effect",
            Act::FrameAccurate { .. } => "frame-accurate",
            Act::PatchFailed { .. } => "patch-failed",
        }
    }

    /// The order that it is about.
    pub fn order(&self) -> Option<OrderId> {
        match self {
            Act::OrderPlaced { order, .. }
            | Act::OrderAmended { order, .. }
            | Act::OrderEscalated { order, .. } => Some(order.id()),
            Act::OrderResolved { order, .. }
            | Act::OrderApproved { order }
            | Act::OrderRefused { order, .. }
            | Act::OrderLifted { order, .. }
            | Act::OrderAppealed { order, .. }
            | Act::AppealAnswered { order, .. }
            | Act::Reported { order, .. }
            | Act::ProposalMade { order, .. }
            | Act::ProposalSent { order, .. }
            | Act::ProposalAccepted { order, .. }
            | Act::ProposalOverridden { order, .. }
            | Act::ProposalRefused { order, .. }
            | Act::TookEffect { order, .. }
            | Act::FrameAccurate { order, .. }
            | Act::PatchFailed { order, .. } => Some(order.clone()),
            Act::CaseOpened { .. }
            | Act::CaseLetter { .. }
            | Act::CaseQuestion { .. }
            | Act::CaseAnswer { .. }
            | Act::CaseClosed { .. }
            | Act::AvailsEntered { .. }
            | Act::AvailsRemoved { .. }
            | Act::TitleNamed { .. } => None,
        }
    }

    /// The case that it is about itself, and not by its order.
    pub fn case(&self) -> Option<&str> {
        match self {
            Act::CaseOpened { case, .. }
            | Act::CaseLetter { case, .. }
            | Act::CaseQuestion { case, .. }
            | Act::CaseAnswer { case, .. }
            | Act::CaseClosed { case, .. } => Some(case),
            _ => None,
        }
    }

    /// The corrected version that it is about.
    pub fn proposal(&self) -> Option<&Proposed> {
        match self {
            Act::ProposalMade { proposal, .. }
            | Act::ProposalSent { proposal, .. }
            | Act::ProposalAccepted { proposal, .. }
            | Act::ProposalOverridden { proposal, .. }
            | Act::ProposalRefused { proposal, .. } => Some(proposal),
            _ => None,
        }
    }

    /// The letter, reason or report that it commits to.
    pub fn document(&self) -> Option<Sealed> {
        match self {
            Act::OrderAmended { reason, .. }
            | Act::OrderEscalated { reason, .. }
            | Act::OrderRefused { reason, .. }
            | Act::OrderLifted { reason, .. }
            | Act::ProposalOverridden { reason, .. }
            | Act::CaseClosed { reason, .. } => Some(*reason),
            Act::OrderAppealed { letter, .. }
            | Act::AppealAnswered { letter, .. }
            | Act::ProposalSent { letter, .. }
            | Act::ProposalAccepted { letter, .. }
            | Act::ProposalRefused { letter, .. }
            | Act::CaseLetter { letter, .. } => Some(*letter),
            Act::Reported { report, .. } => Some(*report),
            Act::CaseQuestion { question, .. } => Some(*question),
            Act::CaseAnswer { answer, .. } => Some(*answer),
            Act::AvailsEntered { document, .. } | Act::AvailsRemoved { document, .. } => *document,
            _ => None,
        }
    }

    pub(super) fn check_texts(&self) -> Result<()> {
        let limited = |field: &str, value: &str, most: usize| {
            let count = value.chars().count();
            if count == 0 || count > most || value.chars().any(char::is_control) {
                return Err(Error::invalid(format!("expected 1 to {most} characters")).at(field));
            }
            Ok(())
        };
        match self {
            Act::CaseOpened { case, authority, .. } => {
                limited("case", case, 350)?;
                limited("authority", authority, 200)
            }
            Act::CaseLetter { case, .. }
            | Act::CaseQuestion { case, .. }
            | Act::CaseAnswer { case, .. }
            | Act::CaseClosed { case, .. } => limited("case", case, 350),
            Act::AvailsEntered { avails, .. } => avail::check_entered(avails),
            Act::AvailsRemoved { avails, .. } => avail::check_named(avails),
            Act::TitleNamed { title, names } => {
                check_title(title)?;
                avail::check_names("names", names)
            }
            Act::TookEffect { node, .. } => limited("node", node, 200),
            Act::FrameAccurate { title, .. } => check_title(title),
            Act::PatchFailed { title, why, .. } => {
                check_title(title)?;
                limited("why", why, 2_000)
            }
            Act::ProposalMade { proposal, edits, .. } => {
                check_title(&proposal.title)?;
                edits.iter().try_for_each(|e| e.edit().map(|_| ()))
            }
            _ => Ok(()),
        }
    }
}
