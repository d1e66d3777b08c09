//! The variables through which policies read the pods of any carrier.

use super::{
    Way,
    text::{list, optional, quoted},
    tree::{Cel, Tight},
};
use crate::rule::{ALL_SORTS, Expr, Items, Scope, Sort};

/// Where the pods of a kind are, for [`pod_variables`].
#[derive(Clone, Copy, Debug)]
pub(crate) struct PodPlace<'a> {
    /// The kind, as `object.kind` says it.
    pub(crate) kind: &'a str,
    /// The path of the pod spec, keys joined by dots.
    pub(crate) spec: &'a str,
    /// The path of the metadata that pods get, where the kind has one.
    pub(crate) metadata: Option<&'a str>,
    /// Keys of the pod spec under which containers stand that are not read.
    pub(crate) unread: &'a [String],
}

/// The CEL variables through which a policy reads pods, in the order of their definition.
///
/// `readable` says whether every step to a pod spec is a map, and none holds what is not read. `pods` are the pod specs that are
/// there; with their metadata, and with the containers of all three sorts as one list, where the
/// rule reads those. `listed` says whether each sort that is there is a list.
pub(crate) fn pod_variables(places: &[PodPlace<'_>], rule: &Expr) -> Vec<(&'static str, String)> {
    let (with_metadata, with_containers) = (reads_metadata(rule), walks_containers(rule));
    let mut readable = String::new();
    let mut specs = String::new();
    for (kinds, places) in shapes(places) {
        let of_kind = match kinds.as_slice() {
            [kind] => format!("object.kind == {}", quoted(kind)),
            kinds => format!("object.kind in {}", list(kinds.iter().copied())),
        };
        let ways: Vec<Place<'_>> = places
            .iter()
            .map(|place| (place.spec.split('.').collect(), *place))
            .collect();
        let maps = maps_on_the_way("object", &ways).within(Tight::If);
        readable.extend([of_kind.as_str(), " ? ", &maps, " :\n"]);
        let found = spec_lists("object", &ways, with_metadata).within(Tight::If);
        specs.extend([of_kind.as_str(), " ? ", &found, " :\n"]);
    }
    readable.push_str("true");
    specs.push_str("[]");
    if !with_containers {
        return vec![("readable", readable), ("pods", specs)];
    }
    let of_sort = |sort: &Sort| {
        let field = format!("s.spec.{}", sort.field());
        format!("(has({field}) && type({field}) == list ? {field} : [])")
    };
    let listed = |sort: &Sort| {
        let field = format!("s.spec.{}", sort.field());
        format!("(!has({field}) || {field} == null || type({field}) == list)")
    };
    let containers: Vec<String> = ALL_SORTS.iter().map(of_sort).collect();
    let listed: Vec<String> = ALL_SORTS.iter().map(listed).collect();
    let metadata = if with_metadata {
        r#""metadata": s.metadata, "#
    } else {
        ""
    };
    let pods = format!(
        r#"variables.specs.map(s, {{"spec": s.spec, {metadata}"containers": dyn({}), "listed": dyn({})}})"#,
        containers.join(" + "),
        listed.join(" && ")
    );
    vec![("readable", readable), ("specs", specs), ("pods", pods)]
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
                .map(|place| (place.spec, place.metadata, place.unread))
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

/// Whether everything on the way to these pod specs is a map, as far as it is there.
fn maps_on_the_way(from: &str, places: &[Place<'_>]) -> Cel {
    let way = Way {
        absent: Cel::True,
        wrong: Cel::False,
    };
    Cel::and(by_first_key(places).into_iter().map(|(key, rest)| {
        way.down(from, &[key], &|here| {
            let ends = places.iter().find(|(keys, _)| *keys == [key]);
            Cel::and([
                Cel::atom(format!("type({here}) == map")),
                ends.map_or(Cel::True, |(_, place)| nothing_unread(here, place.unread)),
                maps_on_the_way(here, &rest),
            ])
        })
    }))
}

/// Whether a pod spec holds none of the keys under which containers stand that are not read.
fn nothing_unread(spec: &str, keys: &[String]) -> Cel {
    if keys.is_empty() {
        return Cel::True;
    }
    let keys = list(keys.iter().map(String::as_str));
    Cel::atom(format!(
        "{keys}.all(k, !(k in {spec}) || {spec}[k] == null)"
    ))
}

/// The list of the pod specs at these places.
fn spec_lists(from: &str, places: &[Place<'_>], with_metadata: bool) -> Cel {
    let none = Cel::atom("[]");
    let way = Way {
        absent: none.clone(),
        wrong: none.clone(),
    };
    let lists = by_first_key(places).into_iter().map(|(key, rest)| {
        way.down(from, &[key], &|here| {
            let found = match places.iter().find(|(keys, _)| *keys == [key]) {
                Some((_, place)) if with_metadata => {
                    let metadata = metadata_beside(from, place);
                    Cel::atom(format!(r#"[{{"spec": {here}, "metadata": {metadata}}}]"#))
                }
                Some(_) => Cel::atom(format!(r#"[{{"spec": {here}}}]"#)),
                None => spec_lists(here, &rest, with_metadata),
            };
            Cel::guard(Cel::atom(format!("type({here}) == map")), found, &none)
        })
    });
    let mut lists: Vec<Cel> = lists.collect();
    if lists.len() == 1 {
        return lists.remove(0);
    }
    let lists: Vec<String> = lists.iter().map(|list| list.within(Tight::If)).collect();
    Cel::atom(lists.join(" + "))
}

/// The metadata that pods get; it stands beside their spec, in a map that is known to be one.
fn metadata_beside(map: &str, place: &PodPlace<'_>) -> String {
    let key = place
        .metadata
        .map(|path| path.rsplit('.').next().unwrap_or(path));
    key.map_or_else(|| "dyn(null)".to_owned(), |key| optional(map, key))
}

fn by_first_key<'p>(places: &[Place<'p>]) -> Vec<(&'p str, Vec<Place<'p>>)> {
    let mut groups: Vec<(&str, Vec<Place<'_>>)> = Vec::new();
    for (keys, place) in places {
        let Some((first, rest)) = keys.split_first() else {
            continue;
        };
        let rest = (rest.to_vec(), *place);
        match groups.iter_mut().find(|(key, _)| key == first) {
            Some((_, group)) => group.push(rest),
            None => groups.push((first, vec![rest])),
        }
    }
    groups
}

fn reads_metadata(rule: &Expr) -> bool {
    let mut reads = false;
    rule.paths(&mut |path| reads |= path.scope == Scope::PodMetadata);
    reads
}

fn walks_containers(rule: &Expr) -> bool {
    let mut walks = false;
    rule.visit(&mut |expr| {
        if let Expr::Every(Items::Containers(sorts), _) | Expr::Some(Items::Containers(sorts), ..) =
            expr
        {
            walks |= *sorts == ALL_SORTS;
        }
    });
    walks
}
