//! The variables through which policies read the pods of any carrier.

use super::{
    Way,
    text::{field, list, optional, quoted},
    tree::{Cel, Tight},
};
use crate::rule::{ALL_SORTS, Expr, Items, Scope, Sort};

/// Where the pods of a kind are, for [`Pods`].
#[derive(Clone, Copy, Debug)]
pub(crate) struct PodPlace<'a> {
    /// The kind, as `object.kind` says it.
    pub(crate) kind: &'a str,
    /// The path of the pod spec, keys joined by dots; `[]` behind a key means every item.
    pub(crate) spec: &'a str,
    /// The path of the metadata that pods get, where the kind has one.
    pub(crate) metadata: Option<&'a str>,
    /// Keys of the pod spec under which a container stands by itself.
    pub(crate) inline: &'a [String],
    /// Fields of containers that something else may supply.
    pub(crate) supplied: &'a [String],
}

/// The pods that a rule reads, each a map in the variable `pods` of its policy.
///
/// Every pod has its `spec`; what else depends on what the rule reads and the kinds have.
#[derive(Clone, Debug)]
pub(crate) struct Pods<'a> {
    places: &'a [PodPlace<'a>],
    /// Whether a pod has its `metadata`.
    metadata: bool,
    /// Whether a pod has its `containers`, those of all three sorts as one list, and `listed`:
    /// whether each sort that is there is a list.
    containers: bool,
    /// Whether a pod has `inline`, the list of the containers that stand by themselves.
    pub(super) inline: bool,
    /// The fields that a pod may have in `supplied`, the list of those that something else may
    /// supply.
    pub(super) supplied: Vec<&'a str>,
}

impl<'a> Pods<'a> {
    /// Finds out what a rule reads of the pods at these places.
    pub(crate) fn of(places: &'a [PodPlace<'a>], rule: &Expr) -> Self {
        let (mut some, mut all_sorts) = (false, false);
        rule.visit(&mut |expr| {
            if let Expr::Every(Items::Containers(sorts), _)
            | Expr::Some(Items::Containers(sorts), ..) = expr
            {
                some = true;
                all_sorts |= *sorts == ALL_SORTS;
            }
        });
        let mut metadata = false;
        let mut supplied: Vec<&str> = Vec::new();
        let known = places.iter().flat_map(|place| place.supplied);
        let known: Vec<&str> = known.map(String::as_str).collect();
        rule.paths(&mut |path| match (path.scope, path.keys.as_slice()) {
            (Scope::PodMetadata, _) => metadata = true,
            (Scope::Container, [key]) => {
                supplied.extend(known.iter().find(|field| *field == key));
            }
            _ => {}
        });
        supplied.sort_unstable();
        supplied.dedup();
        Self {
            places,
            metadata,
            containers: all_sorts,
            inline: some && places.iter().any(|place| !place.inline.is_empty()),
            supplied,
        }
    }

    /// The CEL variables of the policy, in the order of their definition.
    ///
    /// `readable` says whether every step to a pod spec is a map, or a list where one belongs.
    pub(crate) fn variables(&self) -> Vec<(&'static str, String)> {
        let mut readable = String::new();
        let mut specs = String::new();
        for (kinds, places) in shapes(self.places) {
            let of_kind = match kinds.as_slice() {
                [kind] => format!("object.kind == {}", quoted(kind)),
                kinds => format!("object.kind in {}", list(kinds.iter().copied())),
            };
            let ways: Vec<Place<'_>> = places
                .iter()
                .map(|place| (place.spec.split('.').collect(), *place))
                .collect();
            let maps = types_on_the_way("object", &ways).within(Tight::If);
            readable.extend([of_kind.as_str(), " ? ", &maps, " :\n"]);
            let found = concatenated(self.specs("object", &ways)).within(Tight::If);
            specs.extend([of_kind.as_str(), " ? ", &found, " :\n"]);
        }
        readable.push_str("true");
        specs.push_str("[]");
        if !self.containers {
            return vec![("readable", readable), ("pods", specs)];
        }
        vec![
            ("readable", readable),
            ("specs", specs),
            ("pods", self.with_containers()),
        ]
    }

    /// Adds their containers to the pods in `variables.specs`.
    fn with_containers(&self) -> String {
        let of_sort = |sort: &Sort| {
            let field = format!("s.spec.{}", sort.field());
            format!("(has({field}) && type({field}) == list ? {field} : [])")
        };
        let is_list = |sort: &Sort| {
            let field = format!("s.spec.{}", sort.field());
            format!("(!has({field}) || {field} == null || type({field}) == list)")
        };
        let mut containers: Vec<String> = ALL_SORTS.iter().map(of_sort).collect();
        let listed: Vec<String> = ALL_SORTS.iter().map(is_list).collect();
        let mut entries = vec![r#""spec": s.spec"#.to_owned()];
        if self.metadata {
            entries.push(r#""metadata": s.metadata"#.to_owned());
        }
        if self.inline {
            containers.push("s.inline".to_owned());
            entries.push(r#""inline": s.inline"#.to_owned());
        }
        if !self.supplied.is_empty() {
            entries.push(r#""supplied": s.supplied"#.to_owned());
        }
        entries.push(format!(r#""containers": dyn({})"#, containers.join(" + ")));
        entries.push(format!(r#""listed": dyn({})"#, listed.join(" && ")));
        format!("variables.specs.map(s, {{{}}})", entries.join(", "))
    }

    /// The lists of the pod specs at these places.
    fn specs(&self, from: &str, places: &[Place<'_>]) -> Vec<Cel> {
        let none = Cel::atom("[]");
        let way = Way {
            absent: none.clone(),
            wrong: none.clone(),
        };
        let lists = by_first_step(places).into_iter().map(|(step, rest)| {
            way.down(from, &[step.key()], &|here| {
                let found = match step {
                    Step::List(_) => {
                        let of_items = |place| self.of_items(here, place);
                        rest.iter().map(of_items).collect()
                    }
                    Step::Map(_) => {
                        let ends = rest.iter().find(|(keys, _)| keys.is_empty());
                        let spec = ends.map(|(_, place)| self.pod(here, from, place));
                        let spec = spec.map(|pod| Cel::atom(format!("[{pod}]")));
                        spec.into_iter().chain(self.specs(here, &rest)).collect()
                    }
                };
                Cel::guard(step.is_type(here), concatenated(found), &none)
            })
        });
        lists.collect()
    }

    /// The list of the pod specs in the items of a list: those that can be reached.
    fn of_items(&self, items: &str, (keys, place): &Place<'_>) -> Cel {
        let way = Way {
            absent: Cel::False,
            wrong: Cel::False,
        };
        let is_map = |here: &str| Cel::atom(format!("type({here}) == map"));
        let reached = Cel::and([is_map("item"), way.down("item", keys, &is_map)]);
        let map = |keys: &[&str]| {
            keys.iter()
                .fold("item".to_owned(), |map, key| field(&map, key).1)
        };
        let above = keys.split_last().map_or(&[][..], |(_, above)| above);
        let pod = self.pod(&map(keys), &map(above), place);
        Cel::atom(format!("{items}.filter(item, {reached}).map(item, {pod})"))
    }

    /// A pod as a map, from its spec and the map that holds it.
    fn pod(&self, spec: &str, above: &str, place: &PodPlace<'_>) -> String {
        let mut entries = vec![format!(r#""spec": {spec}"#)];
        if self.metadata {
            let key = place
                .metadata
                .map(|path| path.rsplit('.').next().unwrap_or(path));
            // The metadata of pods stands beside their spec.
            let metadata = key.map_or_else(|| "dyn(null)".to_owned(), |key| optional(above, key));
            entries.push(format!(r#""metadata": {metadata}"#));
        }
        if self.inline {
            let inline = match place.inline {
                [] => "[]".to_owned(),
                keys => format!(
                    "{}.filter(k, k in {spec} && {spec}[k] != null).map(k, {spec}[k])",
                    list(keys.iter().map(String::as_str))
                ),
            };
            entries.push(format!(r#""inline": dyn({inline})"#));
        }
        if !self.supplied.is_empty() {
            let supplied = place.supplied.iter().map(String::as_str);
            let supplied = list(supplied.filter(|field| self.supplied.contains(field)));
            entries.push(format!(r#""supplied": dyn({supplied})"#));
        }
        format!("{{{}}}", entries.join(", "))
    }
}

/// Groups kinds that keep their pods in the same places.
fn shapes<'p, 'a>(places: &'p [PodPlace<'a>]) -> Vec<(Vec<&'a str>, Vec<&'p PodPlace<'a>>)> {
    let mut kinds: Vec<&str> = places.iter().map(|place| place.kind).collect();
    kinds.dedup();
    let mut shapes: Vec<(Vec<&str>, Vec<&PodPlace<'_>>)> = Vec::new();
    for kind in kinds {
        let of_kind: Vec<_> = places.iter().filter(|place| place.kind == kind).collect();
        let paths = |places: &[&PodPlace<'a>]| {
            places
                .iter()
                .map(|place| (place.spec, place.metadata, place.inline, place.supplied))
                .collect::<Vec<_>>()
        };
        match shapes
            .iter_mut()
            .find(|(_, known)| paths(known) == paths(&of_kind))
        {
            Some((kinds, _)) => kinds.push(kind),
            None => shapes.push((vec![kind], of_kind)),
        }
    }
    shapes
}

/// What leads to a pod spec from here on, and the whole of it.
type Place<'p> = (Vec<&'p str>, &'p PodPlace<'p>);

/// A step on the way to a pod spec: a key, and what stands there.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Step<'p> {
    Map(&'p str),
    List(&'p str),
}

impl<'p> Step<'p> {
    fn of(segment: &'p str) -> Self {
        segment
            .strip_suffix("[]")
            .map_or(Self::Map(segment), Self::List)
    }

    fn key(self) -> &'p str {
        match self {
            Self::Map(key) | Self::List(key) => key,
        }
    }

    /// Whether what stands there is of the type that belongs there.
    fn is_type(self, here: &str) -> Cel {
        match self {
            Self::Map(_) => Cel::atom(format!("type({here}) == map")),
            Self::List(_) => Cel::atom(format!("type({here}) == list")),
        }
    }
}

/// Whether everything on the way to these pod specs is a map, or a list where one belongs, as far
/// as it is there.
fn types_on_the_way(from: &str, places: &[Place<'_>]) -> Cel {
    let way = Way {
        absent: Cel::True,
        wrong: Cel::False,
    };
    Cel::and(by_first_step(places).into_iter().map(|(step, rest)| {
        way.down(from, &[step.key()], &|here| {
            let below = match step {
                Step::List(_) => {
                    let of_item = Cel::or([
                        Cel::atom("item == null"),
                        Cel::and([
                            Cel::atom("type(item) == map"),
                            types_on_the_way("item", &rest),
                        ]),
                    ]);
                    Cel::atom(format!("{here}.all(item, {of_item})"))
                }
                Step::Map(_) => types_on_the_way(here, &rest),
            };
            Cel::and([step.is_type(here), below])
        })
    }))
}

/// One list of several.
fn concatenated(mut lists: Vec<Cel>) -> Cel {
    if lists.len() == 1 {
        return lists.remove(0);
    }
    let lists: Vec<String> = lists.iter().map(|list| list.within(Tight::If)).collect();
    Cel::atom(lists.join(" + "))
}

fn by_first_step<'p>(places: &[Place<'p>]) -> Vec<(Step<'p>, Vec<Place<'p>>)> {
    let mut groups: Vec<(Step<'_>, Vec<Place<'_>>)> = Vec::new();
    for (segments, place) in places {
        let Some((first, rest)) = segments.split_first() else {
            continue;
        };
        let (first, rest) = (Step::of(first), (rest.to_vec(), *place));
        match groups.iter_mut().find(|(step, _)| *step == first) {
            Some((_, group)) => group.push(rest),
            None => groups.push((first, vec![rest])),
        }
    }
    groups
}
