//! The tree of a program, as the parsers make it and as the interpreter walks it.
//!
//! Parsers leave names as they stand in the text; [`crate::resolve`] turns them into slots in place.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::class::Class;
use crate::name::Name;
use crate::value::Value;

/// A place in the script, both from 1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Pos {
    pub(crate) line: u32,
    pub(crate) column: u32,
}

/// A type as written, with generics dropped.
#[derive(Clone, Debug)]
pub(crate) struct TypeName {
    pub(crate) name: Arc<str>,
    pub(crate) dims: u32,
    pub(crate) pos: Pos,
    /// What the name means; set by the resolver.
    pub(crate) ty: Ty,
}

/// A resolved type.
#[derive(Clone, Debug, Default)]
pub(crate) enum Ty {
    /// `def`, or none.
    #[default]
    Any,
    Void,
    Boolean,
    Char,
    Byte,
    Short,
    Int,
    Long,
    Float,
    Double,
    Class(Class),
}

/// Whether a variable is shared with a closure. The resolver finds out after the declaration was passed, hence the cell.
#[derive(Clone, Debug, Default)]
pub(crate) struct Shared(Arc<AtomicBool>);

impl Shared {
    pub(crate) fn set(&self) {
        self.0.store(true, Ordering::Relaxed);
    }
    pub(crate) fn get(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// Where a variable of BeanShell may live: scopes from the inside out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    Local(u32),
    Global(u32),
}

#[derive(Clone, Debug)]
pub(crate) struct Variable {
    pub(crate) name: Name,
    pub(crate) slot: u32,
    pub(crate) shared: Shared,
    pub(crate) ty: Option<TypeName>,
    pub(crate) is_final: bool,
}

#[derive(Clone, Debug)]
pub(crate) struct Expr {
    pub(crate) kind: Kind,
    pub(crate) pos: Pos,
}

#[derive(Clone, Debug)]
pub(crate) enum Arg {
    Plain(Expr),
    Spread(Expr),
    Named(Expr, Expr),
}

#[derive(Clone, Debug)]
pub(crate) enum Member {
    Fixed(Name),
    Computed(Box<Expr>),
}

#[derive(Clone, Debug)]
pub(crate) struct Property {
    pub(crate) object: Expr,
    pub(crate) member: Member,
    pub(crate) getter: Name,
    pub(crate) is_getter: Name,
    pub(crate) safe: bool,
    pub(crate) spread: bool,
    /// `.@name`.
    pub(crate) attribute: bool,
}

#[derive(Clone, Debug)]
pub(crate) struct Call {
    /// `None` for a bare `name(..)`.
    pub(crate) object: Option<Expr>,
    pub(crate) member: Member,
    pub(crate) args: Vec<Arg>,
    pub(crate) safe: bool,
    pub(crate) spread: bool,
    /// The local variable of that name, for a bare call of a closure.
    pub(crate) local: Option<u32>,
    /// The slot of the binding for a bare call.
    pub(crate) global: Option<u32>,
    /// The number of the literal variable name in `vars.get("name")`, plus one.
    pub(crate) variable: Option<u32>,
}

#[derive(Clone, Debug)]
pub(crate) struct New {
    pub(crate) ty: TypeName,
    pub(crate) args: Vec<Arg>,
    /// Lengths of an array's dimensions, for `new T[n]`.
    pub(crate) lengths: Vec<Expr>,
    /// Elements, for `new T[] {..}`.
    pub(crate) elements: Option<Vec<Expr>>,
    /// Methods of an anonymous class, which are closures.
    pub(crate) body: Option<Vec<(Name, Arc<Function>)>>,
}

#[derive(Clone, Debug)]
pub(crate) enum Kind {
    Literal(Value),
    GString(Vec<Expr>, Vec<Arc<str>>),
    Name(Name),
    Local(u32),
    Global(u32),
    /// A BeanShell name: the first defined place counts.
    Loose(Box<[Place]>, Name),
    ClassLiteral(TypeName),
    This,
    /// `super`, and in a method of a class the class that is above it.
    Super(Option<Arc<str>>),
    /// `this(args)` and `super(args)` of a constructor, with the class whose constructor it is.
    Construct(Arc<str>, Vec<Arg>),
    Property(Box<Property>),
    /// `object[items]`; true for `object?[items]`.
    Index(Box<Expr>, Vec<Expr>, bool),
    Call(Box<Call>),
    /// `value(args)` where the callee is any expression.
    Invoke(Box<Expr>, Vec<Arg>),
    New(Box<New>),
    List(Vec<Arg>),
    Map(Vec<Arg>),
    Range(Box<Expr>, Box<Expr>, bool),
    Closure(Arc<Function>),
    Unary(UnaryOp, Box<Expr>),
    Binary(BinaryOp, Box<Expr>, Box<Expr>),
    And(Box<Expr>, Box<Expr>),
    Or(Box<Expr>, Box<Expr>),
    Ternary(Box<Expr>, Box<Expr>, Box<Expr>),
    Elvis(Box<Expr>, Box<Expr>),
    Assign(Option<BinaryOp>, Box<Expr>, Box<Expr>, Ty),
    /// `a ?= b`.
    ElvisAssign(Box<Expr>, Box<Expr>),
    AssignMany(Vec<Expr>, Box<Expr>),
    Step {
        target: Box<Expr>,
        up: bool,
        prefix: bool,
        ty: Ty,
    },
    Cast(TypeName, Box<Expr>),
    As(TypeName, Box<Expr>),
    InstanceOf(Box<Expr>, TypeName, bool),
    In(Box<Expr>, Box<Expr>, bool),
    MethodPointer(Box<Expr>, Name),
    /// An array initialiser `{a, b}` of a typed BeanShell declaration.
    ArrayLiteral(Vec<Expr>),
    /// JEXL's `empty x` and `size x`.
    Empty(Box<Expr>),
    Size(Box<Expr>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum UnaryOp {
    Negative,
    Positive,
    Not,
    BitNot,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BinaryOp {
    Add,
    Sub,
    Mul,
    Div,
    Rem,
    Power,
    ShiftLeft,
    ShiftRight,
    ShiftRightUnsigned,
    BitAnd,
    BitOr,
    BitXor,
    Equal,
    NotEqual,
    Identical,
    NotIdentical,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
    Compare,
    Find,
    Match,
    /// JEXL's `=~`, `!~`, `=^`, `!^`, `=$`, `!$`.
    Contains,
    NotContains,
    StartsWith,
    NotStartsWith,
    EndsWith,
    NotEndsWith,
}

impl BinaryOp {
    pub(crate) fn text(self) -> &'static str {
        match self {
            BinaryOp::Add => "+",
            BinaryOp::Sub => "-",
            BinaryOp::Mul => "*",
            BinaryOp::Div => "/",
            BinaryOp::Rem => "%",
            BinaryOp::Power => "**",
            BinaryOp::ShiftLeft => "<<",
            BinaryOp::ShiftRight => ">>",
            BinaryOp::ShiftRightUnsigned => ">>>",
            BinaryOp::BitAnd => "&",
            BinaryOp::BitOr => "|",
            BinaryOp::BitXor => "^",
            BinaryOp::Equal => "==",
            BinaryOp::NotEqual => "!=",
            BinaryOp::Identical => "===",
            BinaryOp::NotIdentical => "!==",
            BinaryOp::Less => "<",
            BinaryOp::LessEqual => "<=",
            BinaryOp::Greater => ">",
            BinaryOp::GreaterEqual => ">=",
            BinaryOp::Compare => "<=>",
            BinaryOp::Find | BinaryOp::Contains => "=~",
            BinaryOp::Match => "==~",
            BinaryOp::NotContains => "!~",
            BinaryOp::StartsWith => "=^",
            BinaryOp::NotStartsWith => "!^",
            BinaryOp::EndsWith => "=$",
            BinaryOp::NotEndsWith => "!$",
        }
    }

    /// The method that Groovy calls for the operator.
    pub(crate) fn method(self) -> &'static str {
        match self {
            BinaryOp::Add => "plus",
            BinaryOp::Sub => "minus",
            BinaryOp::Mul => "multiply",
            BinaryOp::Div => "div",
            BinaryOp::Rem => "mod",
            BinaryOp::Power => "power",
            BinaryOp::ShiftLeft => "leftShift",
            BinaryOp::ShiftRight => "rightShift",
            BinaryOp::ShiftRightUnsigned => "rightShiftUnsigned",
            BinaryOp::BitAnd => "and",
            BinaryOp::BitOr => "or",
            BinaryOp::BitXor => "xor",
            _ => "compareTo",
        }
    }
}

#[derive(Clone, Debug)]
pub(crate) struct Assertion {
    pub(crate) test: Expr,
    pub(crate) message: Option<Expr>,
    /// The test as it stands in the script.
    pub(crate) text: Arc<str>,
    /// The local variables in the test, which an error with a message lists; set by the resolver.
    pub(crate) variables: Vec<(Arc<str>, Expr)>,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Block {
    pub(crate) statements: Vec<Stmt>,
    /// Slots that are undefined anew each time a BeanShell block is entered.
    pub(crate) reset: Vec<u32>,
}

#[derive(Clone, Debug)]
pub(crate) struct Stmt {
    pub(crate) kind: StmtKind,
    pub(crate) pos: Pos,
}

#[derive(Clone, Debug)]
pub(crate) struct Declared {
    pub(crate) variable: Variable,
    pub(crate) value: Option<Expr>,
}

#[derive(Clone, Debug)]
pub(crate) struct Catch {
    pub(crate) types: Vec<TypeName>,
    pub(crate) variable: Variable,
    pub(crate) body: Block,
}

#[derive(Clone, Debug)]
pub(crate) struct Case {
    /// `None` for `default`.
    pub(crate) test: Option<Expr>,
    pub(crate) body: Vec<Stmt>,
}

#[derive(Clone, Debug)]
pub(crate) enum StmtKind {
    Expr(Expr),
    Declare(Vec<Declared>),
    /// `def (a, b) = list`.
    DeclareMany(Vec<Variable>, Expr),
    Block(Block),
    If(Expr, Box<Stmt>, Option<Box<Stmt>>),
    While(Option<Name>, Expr, Box<Stmt>),
    DoWhile(Option<Name>, Box<Stmt>, Expr),
    For {
        label: Option<Name>,
        init: Vec<Stmt>,
        test: Option<Expr>,
        update: Vec<Expr>,
        body: Box<Stmt>,
        reset: Vec<u32>,
    },
    ForEach {
        label: Option<Name>,
        variable: Variable,
        items: Expr,
        body: Box<Stmt>,
        reset: Vec<u32>,
    },
    Switch(Expr, Vec<Case>, Vec<u32>),
    Try {
        body: Block,
        catches: Vec<Catch>,
        finally: Option<Block>,
    },
    Throw(Expr),
    Return(Option<Expr>),
    Break(Option<Name>),
    Continue(Option<Name>),
    Assert(Box<Assertion>),
    Method(Arc<Function>),
    Class(Arc<ClassDecl>),
    Nothing,
}

#[derive(Clone, Debug)]
pub(crate) struct Param {
    pub(crate) variable: Variable,
    pub(crate) default: Option<Expr>,
}

/// A script body, a method or a closure.
#[derive(Clone, Debug, Default)]
pub(crate) struct Function {
    pub(crate) name: Arc<str>,
    pub(crate) params: Vec<Param>,
    pub(crate) varargs: bool,
    pub(crate) body: Block,
    pub(crate) returns: Option<TypeName>,
    pub(crate) is_closure: bool,
    /// A closure without `->` takes one optional `it`.
    pub(crate) implicit_it: bool,
    /// Slots of a frame.
    pub(crate) slots: u32,
    /// For closures: slots of the surrounding frame and the slots here that share their variables.
    pub(crate) captures: Vec<(u32, u32)>,
    /// `_run_closure1` and so on.
    pub(crate) class_name: Arc<str>,
    pub(crate) pos: Pos,
    /// Named so in the text, for messages.
    pub(crate) is_void: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum ClassKind {
    #[default]
    Class,
    Enum,
    Interface,
    Trait,
}

/// What the annotations of `groovy.transform` add to a class.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct ClassMarks {
    /// `@EqualsAndHashCode`.
    pub(crate) by_value: bool,
    /// `@ToString`, and whether names of fields are in the text.
    pub(crate) shows_fields: bool,
    pub(crate) shows_names: bool,
    /// `@TupleConstructor`.
    pub(crate) takes_fields: bool,
    /// `@InheritConstructors`.
    pub(crate) inherits_constructors: bool,
    /// `@Immutable`.
    pub(crate) is_immutable: bool,
}

/// A class of the script.
///
/// The resolver puts what a class inherits behind what is its own: methods are found in this order.
#[derive(Clone, Debug, Default)]
pub(crate) struct ClassDecl {
    /// `Outer$Inner` for a class inside of another one.
    pub(crate) name: Arc<str>,
    pub(crate) kind: ClassKind,
    pub(crate) marks: ClassMarks,
    pub(crate) superclass: Option<TypeName>,
    /// Interfaces and traits.
    pub(crate) interfaces: Vec<TypeName>,
    pub(crate) fields: Vec<FieldDecl>,
    pub(crate) methods: Vec<Arc<Function>>,
    pub(crate) constructors: Vec<Arc<Function>>,
    pub(crate) initialisers: Vec<Arc<Function>>,
    pub(crate) static_initialisers: Vec<Arc<Function>>,
    /// Methods without a body.
    pub(crate) abstracts: Vec<Name>,
    /// Constants of an enum.
    pub(crate) constants: Vec<Name>,
    /// For each constant a function that gives the list of its arguments.
    pub(crate) constant_args: Vec<Option<Arc<Function>>>,
    /// Names of the class itself and of all that it is.
    pub(crate) ancestors: Vec<Arc<str>>,
    pub(crate) pos: Pos,
}

#[derive(Clone, Debug)]
pub(crate) struct FieldDecl {
    pub(crate) name: Name,
    pub(crate) ty: Option<TypeName>,
    pub(crate) is_static: bool,
    /// The class that declares it.
    pub(crate) owner: Arc<str>,
    /// A function without parameters that gives the initial value.
    pub(crate) value: Option<Arc<Function>>,
}

#[derive(Clone, Debug)]
pub(crate) struct Import {
    pub(crate) name: Arc<str>,
    pub(crate) alias: Option<Arc<str>>,
    pub(crate) star: bool,
    pub(crate) is_static: bool,
    pub(crate) pos: Pos,
}

impl Import {
    /// The name by which the script knows what is imported.
    pub(crate) fn short_name(&self) -> &str {
        let alias = self.alias.as_deref();
        alias.unwrap_or_else(|| crate::class::simple(&self.name))
    }
}

impl Expr {
    pub(crate) fn new(kind: Kind, pos: Pos) -> Expr {
        Expr { kind, pos }
    }
}

impl Variable {
    pub(crate) fn new(name: &str, ty: Option<TypeName>) -> Variable {
        Variable {
            name: Name::new(name),
            slot: 0,
            shared: Shared::default(),
            ty,
            is_final: false,
        }
    }
}
