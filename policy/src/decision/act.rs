//! What can be said of every act: its word, what it is about, and its limits.

use media::{Error, Result};

use super::{Act, Proposed, Sealed, check_title};
use crate::avail;
use crate::order::OrderId;
use crate::territory::Territory;

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
            Act::ApplicationSent(_) => "application-sent",
            Act::ApplicationAnswered(_) => "application-answered",
            Act::TrialBegan(_) => "trial-began",
            Act::TrialEnded { .. } => "trial-ended",
            Act::TerritoryDeclared(_) => "territory-declared",
            Act::TerritoryOpened(_) => "territory-opened",
            Act::TerritoryClosed(_) => "territory-closed",
            Act::TerritorySuspended(_) => "territory-suspended",
            Act::TerritoryResumed(_) => "territory-resumed",
            Act::PositionTaken(_) => "position-taken",
            Act::PositionWithdrawn(_) => "position-withdrawn",
            Act::LicenceEntered(_) => "licence-entered",
            Act::LicenceEnded(_) => "licence-ended",
            Act::EvidenceEntered(_) => "evidence-entered",
            Act::EvidenceWithdrawn(_) => "evidence-withdrawn",
            Act::CheckRan(_) => "check-ran",
            Act::DrillHeld(_) => "drill-held",
            Act::ItemOverridden(_) => "item-overridden",
            Act::OverrideEnded(_) => "override-ended",
            Act::RiskEntered(_) => "risk-entered",
            Act::RiskDropped(_) => "risk-dropped",
            Act::RisksSigned(_) => "risks-signed",
            Act::AvailsEntered { .. } => "avails-entered",
            Act::AvailsRemoved { .. } => "avails-removed",
            Act::TitleNamed { .. } => "title-named",
            Act::ConsentGiven(_) => "consent-given",
            Act::NoticeGiven(_) => "notice-given",
            Act::ConsentWithdrawn(_) => "consent-withdrawn",
            Act::ScenesMarked(_) => "scenes-marked",
            Act::MarkWithdrawn { .. } => "mark-withdrawn",
            Act::LabelVoted(_) => "label-voted",
            Act::LabelDecided(_) => "label-decided",
            Act::LabelOfRegulator(_) => "label-of-regulator",
            Act::LabelRevoked(_) => "label-revoked",
            Act::CompositionChanged(_) => "composition-changed",
            Act::TitlesNotified(_) => "titles-notified",
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
            _ => None,
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
            Act::ApplicationSent(sent) => Some(&sent.case),
            Act::ApplicationAnswered(answered) => Some(&answered.case),
            _ => None,
        }
    }

    /// The one territory whose readiness it is about.
    pub fn territory(&self) -> Option<Territory> {
        Some(match self {
            Act::TerritoryDeclared(it) => it.territory,
            Act::TerritoryOpened(it) => it.territory,
            Act::TerritoryClosed(it) | Act::TerritorySuspended(it) | Act::TerritoryResumed(it) => {
                it.territory
            }
            Act::PositionTaken(it) => it.territory,
            Act::PositionWithdrawn(it) | Act::OverrideEnded(it) => it.territory,
            Act::LicenceEntered(it) => it.territory,
            Act::LicenceEnded(it) => it.territory,
            Act::EvidenceEntered(it) => it.territory,
            Act::EvidenceWithdrawn(it) => it.territory,
            Act::CheckRan(it) => it.territory,
            Act::DrillHeld(it) => it.territory,
            Act::ItemOverridden(it) => it.territory,
            Act::RiskEntered(it) => it.territory,
            Act::RiskDropped(it) => it.territory,
            Act::RisksSigned(it) => it.territory,
            _ => return None,
        })
    }

    /// The territory that it is about, where it is about a label.
    pub fn labelled(&self) -> Option<Territory> {
        match self {
            Act::ScenesMarked(marked) => marked.territory,
            Act::MarkWithdrawn { territory, .. } => *territory,
            Act::LabelVoted(voted) => Some(voted.given.territory),
            Act::LabelDecided(decided) => Some(decided.given.territory),
            Act::LabelOfRegulator(label) => Some(label.given.territory),
            Act::LabelRevoked(revoked) => Some(revoked.territory),
            Act::TitlesNotified(notified) => Some(notified.territory),
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
            Act::ConsentGiven(it) => Some(it.letter),
            Act::NoticeGiven(it) => Some(it.letter),
            Act::ConsentWithdrawn(it) => Some(it.reason),
            Act::ApplicationSent(it) => Some(it.letter),
            Act::ApplicationAnswered(it) => Some(it.letter),
            Act::TerritoryClosed(it) | Act::TerritorySuspended(it) | Act::TerritoryResumed(it) => {
                Some(it.reason)
            }
            Act::TrialBegan(it) => Some(it.reason),
            Act::TrialEnded { reason } => Some(*reason),
            Act::PositionTaken(it) => Some(it.position.basis),
            Act::PositionWithdrawn(it) | Act::OverrideEnded(it) => Some(it.reason),
            Act::LicenceEntered(it) => Some(it.document),
            Act::LicenceEnded(it) => Some(it.reason),
            Act::EvidenceEntered(it) => Some(it.document),
            Act::EvidenceWithdrawn(it) => Some(it.reason),
            Act::CheckRan(it) => Some(it.report),
            Act::DrillHeld(it) => Some(it.report),
            Act::ItemOverridden(it) => Some(it.reason),
            Act::RiskEntered(it) => Some(it.mitigation),
            Act::RiskDropped(it) => Some(it.reason),
            Act::MarkWithdrawn { reason, .. } => *reason,
            Act::LabelVoted(voted) => voted.reason,
            Act::LabelDecided(decided) => decided.reason,
            Act::LabelOfRegulator(label) => label.letter,
            Act::LabelRevoked(revoked) => Some(revoked.reason),
            Act::TitlesNotified(notified) => Some(notified.list),
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
            Act::ApplicationSent(it) => it.check(),
            Act::ApplicationAnswered(it) => it.check(),
            Act::TerritoryDeclared(it) => it.check(),
            Act::PositionTaken(it) => it.check(),
            Act::PositionWithdrawn(it) | Act::OverrideEnded(it) => it.check(),
            Act::LicenceEntered(it) => it.check(),
            Act::LicenceEnded(it) => it.check(),
            Act::EvidenceEntered(it) => it.check(),
            Act::EvidenceWithdrawn(it) => it.check(),
            Act::DrillHeld(it) => it.check(),
            Act::ItemOverridden(it) => it.check(),
            Act::RiskEntered(it) => it.check(),
            Act::RiskDropped(it) => it.check(),
            Act::AvailsEntered { avails, .. } => avail::check_entered(avails),
            Act::AvailsRemoved { avails, .. } => avail::check_named(avails),
            Act::TitleNamed { title, names } => {
                check_title(title)?;
                avail::check_names("names", names)
            }
            Act::ConsentGiven(it) => it.check(),
            Act::NoticeGiven(it) => it.check(),
            Act::ConsentWithdrawn(it) => it.check(),
            Act::ScenesMarked(marked) => marked.check(),
            Act::MarkWithdrawn { title, .. } => check_title(title),
            Act::LabelVoted(voted) => voted.check(),
            Act::LabelDecided(decided) => decided.check(),
            Act::LabelOfRegulator(label) => label.check(),
            Act::LabelRevoked(revoked) => revoked.check(),
            Act::CompositionChanged(changed) => changed.check(),
            Act::TitlesNotified(notified) => notified.check(),
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
