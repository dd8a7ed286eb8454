//! What can be wrong with a text, as data; and as [`Diagnostic`]s.

use clysm_report::{Diagnostic, Span};
use thiserror::Error;

/// A syntax error and the text it is about.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{kind}")]
pub struct ReadError {
    /// What is wrong.
    pub kind: ReadErrorKind,
    /// Where.
    pub span: Span,
}

/// What was being read when the text ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Inside {
    /// A list.
    List,
    /// A vector, `#(`.
    Vector,
    /// A string.
    String,
    /// Characters between bars.
    Bars,
    /// A comment, `#|`.
    Comment,
    /// Something that needs an object after it, such as `'` or `#+`.
    Prefix,
    /// A token, after `\`.
    Escape,
}

impl Inside {
    fn description(self) -> &'static str {
        match self {
            Inside::List => "a list",
            Inside::Vector => "a vector",
            Inside::String => "a string",
            Inside::Bars => "a symbol between bars",
            Inside::Comment => "a comment",
            Inside::Prefix => "a prefix that needs an object after it",
            Inside::Escape => "a token, after an escape character",
        }
    }
}

/// The kinds of syntax errors.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ReadErrorKind {
    /// The text ended inside of an object.
    #[error("the text ends inside of {}", .inside.description())]
    EndOfText {
        /// What was not complete.
        inside: Inside,
        /// Where that began.
        opened: Span,
        /// The first line inside of it that looks like the start of another toplevel form, if there is one: the
        /// delimiter is probably missing before it.
        suspect: Option<Span>,
    },
    /// A `)` that closes nothing.
    #[error("unmatched close parenthesis")]
    UnmatchedClose,
    /// A prefix such as `'` or `#+` with no object after it.
    #[error("an object is missing before the close parenthesis")]
    MissingObject,
    /// A dot with nothing before it.
    #[error("nothing appears before . in the list")]
    NothingBeforeDot,
    /// A dot with nothing after it.
    #[error("nothing appears after . in the list")]
    NothingAfterDot,
    /// More than one object after a dot.
    #[error("more than one object follows . in the list")]
    TooMuchAfterDot,
    /// A dot where no list is being read.
    #[error("dot context error: a lone . is only allowed in a list")]
    DotOutsideList,
    /// A token of nothing but dots.
    #[error("a token can't consist of dots alone: {token}")]
    OnlyDots {
        /// The token.
        token: String,
    },
    /// A `#` followed by a character that has no meaning after it.
    #[error("no dispatch function is defined for #{character}")]
    UnknownDispatch {
        /// The character after `#` and the digits.
        character: char,
    },
    /// `#<`, which the printer writes for what can't be read.
    #[error("objects printed as #<…> can't be read")]
    Unreadable,
    /// A numeric argument is required between `#` and the character.
    #[error("#{character} needs a numeric argument")]
    MissingArgument {
        /// The character after `#`.
        character: char,
    },
    /// A numeric argument is not allowed between `#` and the character.
    #[error("#{character} takes no numeric argument")]
    UnexpectedArgument {
        /// The character after `#`.
        character: char,
    },
    /// A numeric argument is too large.
    #[error("the numeric argument of #{character} is too large")]
    ArgumentTooLarge {
        /// The character after `#`.
        character: char,
    },
    /// A package prefix that names no package.
    #[error("there is no package named {name}")]
    UnknownPackage {
        /// The name.
        name: String,
        /// Packages with similar names, the most similar first.
        nearest: Vec<String>,
    },
    /// A symbol that exists, but is not external, after a single colon.
    #[error("symbol {name} is not external in package {package}")]
    NotExternal {
        /// Name of the package.
        package: String,
        /// Name of the symbol.
        name: String,
    },
    /// No symbol of that name is external in the package.
    #[error("package {package} has no external symbol {name}")]
    NoSuchExternal {
        /// Name of the package.
        package: String,
        /// Name of the symbol.
        name: String,
        /// External symbols with similar names, the most similar first.
        nearest: Vec<String>,
    },
    /// Colons in places where they are no package marker.
    #[error("misplaced package marker in {token}")]
    MisplacedMarker {
        /// The token as written.
        token: String,
    },
    /// A package marker in an uninterned symbol.
    #[error("an uninterned symbol can't have a package prefix: #:{token}")]
    UninternedWithPackage {
        /// The token as written.
        token: String,
    },
    /// A comma that is not inside of a backquote.
    #[error("comma is not inside of a backquote")]
    CommaOutside,
    /// `,@` or `,.` where there is no list to splice into.
    #[error("{comma} is only allowed as an element of a list or vector")]
    MisplacedSplice {
        /// `,@` or `,.`
        comma: &'static str,
    },
    /// A label of a backquoted template refers to a part of it that contains a comma.
    #[error("a label can't refer to a part of a backquoted form that contains a comma")]
    CircularTemplate,
    /// A ratio with denominator zero.
    #[error("division by zero in {token}")]
    DivisionByZero {
        /// The token.
        token: String,
    },
    /// A float too large for its format.
    #[error("floating-point overflow: {token} is too large for {format}")]
    FloatOverflow {
        /// The token.
        token: String,
        /// Name of the format.
        format: &'static str,
    },
    /// A float that is not zero and too small for its format.
    #[error("floating-point underflow: {token} is too small for {format}")]
    FloatUnderflow {
        /// The token.
        token: String,
        /// Name of the format.
        format: &'static str,
    },
    /// `#\` and a name of no character.
    #[error("there is no character named {name}")]
    UnknownCharacter {
        /// The name.
        name: String,
        /// Known names that are similar, the most similar first.
        nearest: Vec<String>,
    },
    /// Something that is not a rational number after `#b`, `#o`, `#x` or `#r`.
    #[error("not a rational number in radix {radix}")]
    NotRational {
        /// The radix.
        radix: u32,
    },
    /// A radix below 2 or above 36.
    #[error("the radix {radix} is not between 2 and 36")]
    BadRadix {
        /// The radix.
        radix: u64,
    },
    /// More elements than the length given between `#` and `(` or `*`.
    #[error("the vector is declared with {declared} elements and has {found}")]
    VectorTooLong {
        /// The length given.
        declared: u64,
        /// The number of elements found.
        found: usize,
    },
    /// No element from which to fill a vector of the length given.
    #[error("a vector of {declared} elements needs at least one to be filled with")]
    VectorEmpty {
        /// The length given.
        declared: u64,
    },
    /// A character other than 0 and 1 after `#*`.
    #[error("{character:?} is not a bit")]
    NotABit {
        /// The character.
        character: char,
    },
    /// Contents that don't have the shape that the rank of `#nA` demands.
    #[error("the contents of #{rank}A don't form an array of rank {rank}")]
    BadArray {
        /// The rank.
        rank: u64,
    },
    /// A rank or size beyond what an array can have.
    #[error("the array is too large")]
    ArrayTooLarge,
    /// `#C` not followed by a list of two real numbers.
    #[error("#C needs a list of two real numbers")]
    BadComplex,
    /// `#P` not followed by a string.
    #[error("#P needs a string")]
    BadPathname,
    /// `#S` not followed by a list of a symbol and pairs of slot and value.
    #[error("#S needs a list of a structure name and pairs of slot name and value")]
    BadStructure,
    /// A feature expression that is neither a symbol nor a list starting with `and`, `or` or `not`.
    #[error("not a feature expression: a symbol, or a list starting with AND, OR or NOT")]
    BadFeature,
    /// The evaluation after `#.` failed.
    #[error("evaluation at read time failed: {message}")]
    ReadEval {
        /// What the evaluator says.
        message: String,
    },
    /// `#n#` without `#n=`.
    #[error("no object is labelled #{label}=")]
    UnknownLabel {
        /// The label.
        label: u64,
    },
    /// A second `#n=` with the same number in one toplevel form.
    #[error("the label #{label}= is used twice")]
    DuplicateLabel {
        /// The label.
        label: u64,
    },
    /// `#n=#n#`.
    #[error("#{label}= labels nothing but itself")]
    SelfLabel {
        /// The label.
        label: u64,
    },
    /// `#n#` inside of `#.` that refers to an object that is still being read.
    #[error("a form evaluated at read time can't contain an object that is not yet complete")]
    IncompleteLabel,
    /// Objects are nested deeper than the reader allows.
    #[error("objects are nested more than {limit} levels deep")]
    TooDeep {
        /// The limit.
        limit: usize,
    },
}

impl ReadErrorKind {
    /// The stable name of this kind of error, for tools.
    pub fn code(&self) -> &'static str {
        use ReadErrorKind as Kind;
        match self {
            Kind::EndOfText { .. } => "end-of-text",
            Kind::UnmatchedClose => "unmatched-close",
            Kind::MissingObject => "missing-object",
            Kind::NothingBeforeDot
            | Kind::NothingAfterDot
            | Kind::TooMuchAfterDot
            | Kind::DotOutsideList
            | Kind::OnlyDots { .. } => "dot-context",
            Kind::UnknownDispatch { .. } => "unknown-dispatch",
            Kind::Unreadable => "unreadable-object",
            Kind::MissingArgument { .. } | Kind::UnexpectedArgument { .. } | Kind::ArgumentTooLarge { .. } => {
                "dispatch-argument"
            }
            Kind::UnknownPackage { .. } => "unknown-package",
            Kind::NotExternal { .. } | Kind::NoSuchExternal { .. } => "not-external",
            Kind::MisplacedMarker { .. } | Kind::UninternedWithPackage { .. } => "package-marker",
            Kind::CommaOutside | Kind::MisplacedSplice { .. } | Kind::CircularTemplate => "backquote",
            Kind::DivisionByZero { .. } => "division-by-zero",
            Kind::FloatOverflow { .. } => "float-overflow",
            Kind::FloatUnderflow { .. } => "float-underflow",
            Kind::UnknownCharacter { .. } => "unknown-character",
            Kind::NotRational { .. } | Kind::BadRadix { .. } => "radix",
            Kind::VectorTooLong { .. } | Kind::VectorEmpty { .. } | Kind::NotABit { .. } => "vector-syntax",
            Kind::BadArray { .. } | Kind::ArrayTooLarge => "array-syntax",
            Kind::BadComplex => "complex-syntax",
            Kind::BadPathname => "pathname-syntax",
            Kind::BadStructure => "structure-syntax",
            Kind::BadFeature => "feature-expression",
            Kind::ReadEval { .. } => "read-eval",
            Kind::UnknownLabel { .. }
            | Kind::DuplicateLabel { .. }
            | Kind::SelfLabel { .. }
            | Kind::IncompleteLabel => "label",
            Kind::TooDeep { .. } => "nesting",
        }
    }

    fn hint(&self) -> Option<String> {
        use ReadErrorKind as Kind;
        match self {
            Kind::NotExternal { package, name } => Some(format!("write {package}::{name}, or export it")),
            Kind::UnknownPackage { nearest, .. }
            | Kind::NoSuchExternal { nearest, .. }
            | Kind::UnknownCharacter { nearest, .. } => {
                (!nearest.is_empty()).then(|| format!("did you mean {}?", nearest.join(" or ")))
            }
            Kind::UnmatchedClose => Some("remove it, or look for a list before it that is closed too early".to_owned()),
            Kind::EndOfText { suspect: Some(_), .. } => {
                Some("the closing delimiter is probably missing before the next toplevel form".to_owned())
            }
            _ => None,
        }
    }
}

impl From<&ReadError> for Diagnostic {
    fn from(error: &ReadError) -> Self {
        let diagnostic = Diagnostic::error(error.kind.code(), error.to_string());
        let diagnostic = match &error.kind {
            // The end of the text says nothing; where the object began does.
            ReadErrorKind::EndOfText { opened, suspect, .. } => diagnostic
                .at(*opened, "opened here, never closed")
                .also(suspect.unwrap_or(Span::NONE), "looks like another toplevel form"),
            _ => diagnostic.at(error.span, ""),
        };
        match error.kind.hint() {
            Some(hint) => diagnostic.hint(hint),
            None => diagnostic,
        }
    }
}

impl From<ReadError> for Diagnostic {
    fn from(error: ReadError) -> Self {
        Diagnostic::from(&error)
    }
}
