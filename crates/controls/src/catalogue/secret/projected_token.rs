//! `projected-token`: see the page beside this file.

use crate::{
    control::{Audience, Confidence, Control, Profile, Profiles, Rule, Severity, Threat},
    rule::{Operand, all, any, item, not, pod},
};

pub(super) const CONTROL: Control = Control {
    id: "projected-token",
    title: "A volume asks for a token of the service account",
    says: "asks for a token of the service account",
    help: "Remove the `serviceAccountToken` source; give an exception to the workloads that need one",
    severity: Severity::Medium,
    confidence: Confidence::High,
    audience: Audience::Owner,
    profiles: Profiles::of(&[Profile::Hosted, Profile::Single]),
    threats: &[Threat::Spoofing, Threat::ElevationOfPrivilege],
    mappings: &[
        "cis/5.1.6",
        "nsa/authentication",
        "owasp/K03",
        "mitre/T1528",
    ],
    yields_to: &[],
    page: include_str!("projected_token.md"),
    rule,
};

fn rule() -> Rule {
    let for_the_api = any([
        audience().matches("."),
        // Where the token is mounted anyway, `automounted-token` says so, and the volume that
        // Kubernetes adds for it looks just like this.
        not(pod("automountServiceAccountToken").equals(false)),
        not(item("serviceAccountToken").present())
            .label("it is for the API server, though the pod says that it wants none"),
    ]);
    let for_others = audience().absent_or_equals("").label(
        "whoever trusts this cluster and takes this audience takes the code for the account",
    );
    Rule::pods(
        pod("volumes").items().every(
            item("projected.sources")
                .items()
                .every(all([for_the_api, for_others])),
        ),
    )
}

fn audience() -> Operand {
    item("serviceAccountToken.audience")
}
