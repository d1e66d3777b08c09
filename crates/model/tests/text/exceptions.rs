//! Where this crate and Kubernetes differ, and why that is safe.
//!
//! No exception gives a value that Kubernetes does not: a text is refused with a problem though
//! Kubernetes reads it, or read as it plainly says though Kubernetes refuses it.

/// Texts that we refuse, with a problem, though Kubernetes reads them.
pub(crate) const REFUSED_THOUGH_READ: &[(&str, &str)] = &[
    // Kubernetes stops reading where the first document cannot go on, and never says so: what
    // follows is lost. A problem is the better answer.
    ("block/shallower-key-after-list", "the rest is lost"),
    ("block/shallower-list-ignored", "the rest is lost"),
    ("block/shallower-sibling", "the rest is lost"),
    ("document/directive-after-document", "the rest is lost"),
    ("document/flow-then-map", "the rest is lost"),
    ("double-quoted/as-key-no-space", "the rest is lost"),
    ("flow/list-text-after", "the rest is lost"),
    ("flow/map-two-closes", "the rest is lost"),
    (
        "json/two-lines",
        "the rest is lost; a whole file of JSON documents is read as such",
    ),
    (
        "json/two-objects",
        "the rest is lost; a whole file of JSON documents is read as such",
    ),
    ("key/empty-list", "the rest is lost"),
    ("key/empty-map", "the rest is lost"),
    ("literal/root-unindented", "the rest is lost"),
    ("tag/no-space-before-value", "the rest is lost"),
    // libyaml and the parser cut such texts in different places.
    ("break/bom-in-value", "a byte order mark inside a document"),
    (
        "break/bom-second-line",
        "a byte order mark inside a document",
    ),
    ("break/line-separator", "a line break of YAML 1.1 only"),
    (
        "break/line-separator-folded",
        "a line break of YAML 1.1 only",
    ),
    (
        "break/line-separator-literal",
        "a line break of YAML 1.1 only",
    ),
    (
        "break/line-separator-quoted",
        "a line break of YAML 1.1 only",
    ),
    ("break/next-line", "a line break of YAML 1.1 only"),
    ("break/next-line-folded", "a line break of YAML 1.1 only"),
    ("break/next-line-literal", "a line break of YAML 1.1 only"),
    ("break/next-line-quoted", "a line break of YAML 1.1 only"),
    ("break/paragraph-separator", "a line break of YAML 1.1 only"),
    ("flow/list-dash", "a dash alone between brackets"),
    (
        "flow/list-question-start",
        "a `?` that touches a text between brackets",
    ),
    ("flow/list-trailing-colon", "a `:` that touches a bracket"),
    ("key/alias-no-space", "an alias that touches its `:`"),
    // The parser does not know it, and no blank can stand for it.
    ("double-quoted/escape-single-quote", "the escape `\\'`"),
    // It is wrong in the part that does not count.
    (
        "duplicate/bad-first-value",
        "an infinite number, though a later key replaces it",
    ),
    ("tab/spaces-tab-comment", "a tab before a comment"),
];

/// Texts that we read though Kubernetes refuses them.
pub(crate) const READ_THOUGH_REFUSED: &[(&str, &str)] = &[
    (
        "character/del-after-document",
        "the next document is wrong, not this one",
    ),
    ("document/end-only", "nothing is there to be read"),
    (
        "tab/after-explicit-value",
        "a tab between a `:` on a line of its own and the value",
    ),
];

/// Texts that Kubernetes reads in one way or another by chance, and we in one way without a problem.
pub(crate) const READ_THOUGH_AMBIGUOUS: &[(&str, &str)] = &[(
    "merge/int-key-merged",
    "a merged key that is a number and an own one with its digits",
)];

/// Streams that Kubernetes cuts otherwise: we say that something is wrong where it reads on, or read
/// more than it does.
pub(crate) const CUT_OTHERWISE: &[(&str, &str)] = &[
    (
        "directive-then-marker",
        "the directive belongs to the document behind it, as YAML has it",
    ),
    (
        "end-marker-does-not-split",
        "we say that what is behind `...` is not read",
    ),
    (
        "json-lines",
        "JSON documents one behind the other, as `kubectl` reads them",
    ),
    (
        "lone-cr-marker",
        "a carriage return alone ends a line, and we read on behind it",
    ),
    ("marker-nbsp", "a no-break space behind `---` is a problem"),
    (
        "marker-then-form-feed",
        "a form feed behind `---` is a problem",
    ),
    (
        "marker-touching-comment",
        "a comment that touches `---` is a problem",
    ),
    (
        "next-line-marker",
        "a line break of YAML 1.1 only is a problem",
    ),
];
