//! What this crate accepts or is asked for and does not do, for the coverage register.

/// Area, thing, why.
pub const NOT_SIMULATED: &[(&str, &str, &str)] = &[
    (
        "yaml",
        "U+2028 and U+0085 as line breaks",
        "line breaks of YAML 1.1 that the scanner, of YAML 1.2, does not know",
    ),
    ("yaml", "%TAG and %YAML directives", "read and ignored, as documents of kubectl's do not carry them"),
    (
        "yaml",
        "libyaml's exact message for a few broken flows",
        "the scanner stops elsewhere; line and kind of error agree",
    ),
    ("jsonpath", "the random order of map values", "values come in the order of their keys"),
    ("go-template", "methods, channels and function values", "the data is JSON"),
    ("go-template", "the type name int of constants in %T and misfit verbs", "integers are all int64"),
    (
        "go-template",
        "sprig's dates, random values, certificates and regular expressions",
        "they read clocks or draw chance, or weigh too much",
    ),
    ("schema", "alpha and beta API versions", "the course uses v1 and v2 kinds; others are unknown types"),
    ("schema", "OpenAPI v2 descriptions in full", "explain shows short descriptions of the most used fields"),
    ("diff", "marks of binary files", "objects are text"),
    ("quantity", "spellings such as +5 or 1.250 kept as written", "printed in canonical form: 5, 1250m"),
    ("time", "zones other than UTC", "the simulated machines run on UTC"),
];
