//! Random rules over a few paths.

use std::borrow::Cow;

use knight_controls::rule::{
    Bound, Check, Expr, Items, Literal, Operand, Path, Pattern, Says, Scope, Sort, Test, Texts,
    containers, these,
};

use crate::dice::Dice;

/// Where an expression stands: which scopes it may read.
#[derive(Clone, Copy, Debug, Default)]
struct Within {
    container: bool,
    item: bool,
    key: bool,
}

const PATTERNS: [&str; 5] = [
    "^[a-c]+$",
    "x|(?i)yes",
    "^$",
    "[.]example[.]com/?$",
    "^[^/]*@",
];

/// Makes a rule about a pod, at most so deep.
pub(crate) fn expr(dice: &mut Dice, depth: usize) -> Expr {
    nested(dice, depth, Within::default())
}

fn nested(dice: &mut Dice, depth: usize, within: Within) -> Expr {
    if depth == 0 || dice.chance(20) {
        return check(dice, within);
    }
    let some = |dice: &mut Dice| -> Vec<Expr> {
        (0..=dice.below(3))
            .map(|_| nested(dice, depth - 1, within))
            .collect()
    };
    match dice.below(20) {
        0..=3 => Expr::All(some(dice)),
        4..=7 => Expr::Any(some(dice)),
        8..=9 => Expr::Not(Box::new(nested(dice, depth - 1, within))),
        10..=18 => quantified(dice, depth, within),
        _ => match dice.below(3) {
            0 => Expr::Const(dice.chance(50)),
            1 => Expr::All(Vec::new()),
            _ => Expr::Any(Vec::new()),
        },
    }
}

fn quantified(dice: &mut Dice, depth: usize, within: Within) -> Expr {
    let (items, within) = match dice.below(4) {
        0 | 1 if !within.container => {
            let sorts: [&'static [Sort]; 3] = [
                &[Sort::Container],
                &[Sort::Init, Sort::Container],
                &[Sort::Ephemeral],
            ];
            let items = if dice.chance(60) {
                containers()
            } else {
                Items::Containers(dice.pick::<&'static [Sort]>(&sorts))
            };
            (
                items,
                Within {
                    container: true,
                    ..within
                },
            )
        }
        0 | 2 => (
            Items::Entries(walked(dice, within)),
            Within {
                item: true,
                key: true,
                ..within
            },
        ),
        _ => (
            Items::List(walked(dice, within)),
            Within {
                item: true,
                key: false,
                ..within
            },
        ),
    };
    let body = Box::new(nested(dice, depth - 1, within));
    if dice.chance(60) {
        Expr::Every(items, body)
    } else {
        Expr::Some(
            items,
            body,
            Says {
                label: "none is right".into(),
                remedy: None,
            },
        )
    }
}

fn walked(dice: &mut Dice, within: Within) -> Path {
    // The names of their items would be words of CEL.
    let mut paths = vec![
        Path::new(Scope::Pod, "lists"),
        Path::new(Scope::Pod, "deep.fors"),
    ];
    paths.push(Path::new(Scope::PodMetadata, "annotations"));
    if within.container {
        paths.extend([
            Path::new(Scope::Container, "ports"),
            Path::new(Scope::Container, "in.pods"),
        ]);
    }
    if within.item {
        paths.extend([Path::new(Scope::Item, ""), Path::new(Scope::Item, "pods")]);
    }
    dice.pick(&paths).clone()
}

fn read(dice: &mut Dice, within: Within) -> Path {
    let mut paths = vec![
        Path::new(Scope::Pod, "a"),
        Path::new(Scope::Pod, "deep.b"),
        Path::new(Scope::Object, "extra.c"),
        Path {
            scope: Scope::PodMetadata,
            keys: vec!["annotations".into(), "x.y/z \"'".into()],
        },
    ];
    if within.container {
        paths = vec![
            Path::new(Scope::Container, "x"),
            Path::new(Scope::Container, "deep.y"),
            // Something else may supply it.
            Path::new(Scope::Container, "image"),
            Path::new(Scope::Pod, "deep.b"),
        ];
    }
    if within.item {
        paths.extend(vec![Path::new(Scope::Item, ""); 2]);
        paths.extend([
            Path::new(Scope::Item, "n"),
            Path::new(Scope::Item, "m.namespace"),
        ]);
    }
    if within.key {
        paths.extend(vec![Path::new(Scope::Key, ""); 2]);
    }
    dice.pick(&paths).clone()
}

fn check(dice: &mut Dice, within: Within) -> Expr {
    let count = 1 + usize::from(dice.chance(20));
    let paths = (0..count).map(|_| read(dice, within)).collect();
    Expr::Check(Check {
        operand: Operand { paths },
        test: test(dice),
        absent: dice.chance(50),
        label: None,
        remedy: None,
    })
}

fn test(dice: &mut Dice) -> Test {
    let bounds = |dice: &mut Dice| {
        let most = if dice.chance(30) {
            Bound::Param("max-scale")
        } else {
            Bound::Is(9)
        };
        (Bound::Is(*dice.pick(&[-2, 0, 1])), most)
    };
    match dice.below(12) {
        0 => Test::Present,
        1 => Test::Equals(Literal::Bool(dice.chance(50))),
        2 => Test::Equals(Literal::Int(*dice.pick(&[0, 1, -7, i64::MAX]))),
        3 => Test::Equals(Literal::Text(Cow::Borrowed(
            *dice.pick(&["", "a", "q\"\\'\n"]),
        ))),
        4 => Test::OneOf(these(&["a", "b/c", ""])),
        5 => Test::OneOf(Texts::Param("registries")),
        6 | 7 => Test::Matches(Pattern::new(*dice.pick(&PATTERNS))),
        8 => {
            let (least, most) = bounds(dice);
            Test::Between(least, most)
        }
        9 => {
            let (least, most) = bounds(dice);
            Test::TextBetween(least, most)
        }
        10 if dice.chance(50) => Test::AboveZero,
        10 => Test::Empty,
        _ if dice.chance(50) => Test::ImageBelow(these(&["docker.io/library", "localhost/b"])),
        _ => Test::ImageBelow(Texts::Param("registries")),
    }
}
