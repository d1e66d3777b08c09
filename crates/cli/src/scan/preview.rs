//! What the version of Knative that is asked for would change, where an older one is installed.

use std::cmp::Ordering;

use knight_controls::upgrade::{Judged, Upgrade};

use super::{
    pass::{Scan, Scanned},
    setup::Setup,
};

/// Judges the input by the installed version too, and adds to the report what would change.
pub(super) fn add(setup: &mut Setup, scanned: &mut Scanned) {
    let versions = &scanned.cluster.versions;
    let planned = versions.knative;
    let Some((installed, place)) = &versions.installed else {
        return;
    };
    match planned.cmp(installed) {
        Ordering::Equal => {}
        Ordering::Less => scanned.report.notes.push(format!(
            "Knative {planned} is older than the installed {installed} ({place}): what is judged \
             is not what runs"
        )),
        Ordering::Greater => {
            let asked_for = setup.versions.knative.replace(*installed);
            let before = Scan::new(setup).run();
            setup.versions.knative = asked_for;
            let (old, new) = (judged(&before), judged(scanned));
            scanned.report.upgrade = Upgrade::of(old, new, &scanned.objects).map(Box::new);
        }
    }
}

fn judged(scanned: &Scanned) -> Judged<'_> {
    Judged {
        report: &scanned.report,
        cluster: &scanned.cluster,
    }
}
