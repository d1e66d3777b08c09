//! The parameters that rules name: bounds and sets that a platform chooses.

use knight_facts::settings::{Component, Recommendation, setting};

use crate::{
    control::{Profile, Profiles},
    rule::eval::Params,
};

/// A parameter.
#[derive(Clone, Copy, Debug)]
pub struct Parameter {
    /// The name, in rules, in `knight.yaml` and in the ConfigMap of policies.
    pub name: &'static str,
    /// What it bounds, with its unit.
    pub about: &'static str,
    /// What sort of value it has.
    pub form: Form,
}

/// What sort of value a parameter has.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Form {
    /// A whole number; where nothing is said, what the facts recommend for a setting, else this.
    Int {
        /// The ConfigMap of Serving and the key in it whose recommended value is the default.
        recommended: (&'static str, &'static str),
        /// The default of profiles that recommend no value.
        otherwise: i64,
    },
    /// A set of strings; without one, the controls that need it do not judge.
    Texts,
}

/// Every parameter, by name.
pub const PARAMETERS: &[Parameter] = &[
    Parameter {
        name: "max-scale",
        about: "the most pods that one revision may have",
        form: Form::Int {
            recommended: ("config-autoscaler", "max-scale-limit"),
            otherwise: 100,
        },
    },
    Parameter {
        name: "registries",
        about: "the registries, or folders of them, that images may come from",
        form: Form::Texts,
    },
    Parameter {
        name: "timeout-seconds",
        about: "the longest that one request may take, in seconds",
        form: Form::Int {
            recommended: ("config-defaults", "max-revision-timeout-seconds"),
            otherwise: 600,
        },
    },
];

/// Returns the parameter of a name.
pub fn parameter(name: &str) -> Option<&'static Parameter> {
    PARAMETERS.iter().find(|parameter| parameter.name == name)
}

/// Returns the values that hold where nothing is said: the strictest of the profiles.
pub fn defaults(profiles: Profiles) -> Params {
    let mut params = Params::default();
    for parameter in PARAMETERS {
        let Form::Int {
            recommended,
            otherwise,
        } = parameter.form
        else {
            continue;
        };
        let of_profile = |profile: Profile| {
            let (config_map, key) = recommended;
            let setting = setting(Component::Serving, config_map, key)?;
            match setting.recommended(profile) {
                Recommendation::Value(value) => value.parse().ok(),
                Recommendation::Keep => setting.default.as_ref()?.parse().ok(),
                Recommendation::May(_) | Recommendation::Own(_) => None,
            }
        };
        // 0 stands for "no bound" in Knative's settings.
        let values = profiles
            .iter()
            .filter_map(of_profile)
            .filter(|value| *value > 0);
        params
            .ints
            .insert(parameter.name, values.min().unwrap_or(otherwise));
    }
    params
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn defaults_are_those_of_the_strictest_profile() {
        let shared = defaults(Profiles::of(&[Profile::Shared]));
        let both = defaults(Profiles::of(&[Profile::Shared, Profile::Hosted]));
        assert_eq!(shared.ints["max-scale"], 100);
        assert_eq!(both.ints["max-scale"], 20);
        assert!(both.ints["timeout-seconds"] <= shared.ints["timeout-seconds"]);
    }

    #[test]
    fn parameters_are_sorted_by_name() {
        assert!(PARAMETERS.is_sorted_by_key(|parameter| parameter.name));
    }
}
