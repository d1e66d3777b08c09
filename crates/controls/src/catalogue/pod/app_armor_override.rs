//! `app-armor-override`: see the page beside this file.

use crate::{
    control::{Audience, Confidence, Control, Profiles, Rule, Severity, Threat},
    rule::{
        all, any, container, containers, entry_key, item, not, pod, pod_metadata, these, unless,
    },
};

const TYPES: [&str; 2] = ["RuntimeDefault", "Localhost"];
const ANNOTATION: &str = "^container[.]apparmor[.]security[.]beta[.]kubernetes[.]io/";

pub(super) const CONTROL: Control = Control {
    id: "app-armor-override",
    title: "A workload turns AppArmor off",
    says: "overrides the AppArmor profile of the runtime",
    help: "Remove the override, or name `RuntimeDefault` or a `Localhost` profile",
    severity: Severity::High,
    confidence: Confidence::High,
    audience: Audience::Owner,
    profiles: Profiles::ALL,
    threats: &[Threat::ElevationOfPrivilege],
    mappings: &["pss/baseline", "owasp/K01", "mitre/T1562"],
    yields_to: &[],
    page: include_str!("app_armor_override.md"),
    rule,
};

fn rule() -> Rule {
    Rule::pods(all([
        unless(
            pod("securityContext.appArmorProfile").absent(),
            pod("securityContext.appArmorProfile.type")
                .one_of(these(&TYPES))
                .label("must be `RuntimeDefault` or `Localhost`"),
        ),
        containers().every(unless(
            container("securityContext.appArmorProfile").absent(),
            container("securityContext.appArmorProfile.type")
                .one_of(these(&TYPES))
                .label("must be `RuntimeDefault` or `Localhost`"),
        )),
        pod_metadata("annotations").entries().every(unless(
            not(entry_key().matches(ANNOTATION)),
            any([
                item("").matches("^localhost/"),
                item("")
                    .one_of(these(&["", "runtime/default"]))
                    .label("must be `runtime/default` or a profile below `localhost/`"),
            ]),
        )),
    ]))
}
