//! JMESPath expressions from their texts, by binding power: a pipe binds least, a bracket most.

use super::function::Function;
use super::lexer::{Token, words};
use super::{Argument, Expr, JmesPathError};

/// Deepest nesting of an expression.
const MAX_DEPTH: u32 = 60;

const PIPE: u8 = 1;
const OR: u8 = 2;
const AND: u8 = 3;
const COMPARE: u8 = 5;
const NOT: u8 = 8;
const FLATTEN: u8 = 9;
/// What binds less than this ends a projection.
const PROJECTION_STOP: u8 = 10;
const STAR: u8 = 20;
const FILTER: u8 = 21;
const DOT: u8 = 40;
const BRACKET: u8 = 55;

/// Parses `expression`.
///
/// # Errors
///
/// [`JmesPathError::Malformed`].
pub(super) fn parse(expression: &str) -> Result<Expr, JmesPathError> {
    let malformed = |(problem, position)| JmesPathError::Malformed {
        expression: expression.to_owned(),
        problem,
        position,
    };
    let words = words(expression).map_err(malformed)?;
    let mut parser = Parser {
        words: &words,
        at: 0,
        depth: 0,
    };
    let parsed = parser.expression(0).and_then(|parsed| match parser.peek() {
        Token::End => Ok(parsed),
        _ => Err(parser.unexpected()),
    });
    parsed.map_err(malformed)
}

type Problem = (String, usize);

struct Parser<'w> {
    words: &'w [(Token, usize)],
    at: usize,
    depth: u32,
}

impl<'w> Parser<'w> {
    fn peek(&self) -> &'w Token {
        &self.words[self.at.min(self.words.len() - 1)].0
    }

    fn peek_second(&self) -> &'w Token {
        &self.words[(self.at + 1).min(self.words.len() - 1)].0
    }

    fn position(&self) -> usize {
        self.words[self.at.min(self.words.len() - 1)].1
    }

    fn next(&mut self) -> &'w Token {
        let token = self.peek();
        self.at += 1;
        token
    }

    fn unexpected(&self) -> Problem {
        let problem = match self.peek() {
            Token::End => "unexpected end".to_owned(),
            Token::Sign(sign) => format!("unexpected `{sign}`"),
            Token::Name(name) => format!("unexpected `{name}`"),
            _ => "unexpected word".to_owned(),
        };
        (problem, self.position())
    }

    fn is_sign(&self, sign: char) -> bool {
        *self.peek() == Token::Sign(sign)
    }

    /// Takes `sign` if it is the next word.
    fn take(&mut self, sign: char) -> bool {
        let found = self.is_sign(sign);
        self.at += usize::from(found);
        found
    }

    fn expect(&mut self, sign: char) -> Result<(), Problem> {
        match self.take(sign) {
            true => Ok(()),
            false => Err(self.unexpected()),
        }
    }

    /// How strongly the next word binds what stands before it.
    fn power(&self) -> u8 {
        match self.peek() {
            Token::Sign('|') => PIPE,
            Token::Or => OR,
            Token::And => AND,
            Token::Compare(_) => COMPARE,
            Token::Filter => FILTER,
            Token::Sign('.') => DOT,
            Token::Sign('[') if *self.peek_second() == Token::Sign(']') => FLATTEN,
            Token::Sign('[') => BRACKET,
            _ => 0,
        }
    }

    fn expression(&mut self, power: u8) -> Result<Expr, Problem> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(("expression is nested too deep".to_owned(), self.position()));
        }
        let mut left = self.beginning()?;
        while power < self.power() {
            left = self.continued(left)?;
        }
        self.depth -= 1;
        Ok(left)
    }

    /// What an expression may begin with.
    fn beginning(&mut self) -> Result<Expr, Problem> {
        let start = self.position();
        match self.peek() {
            Token::Name(name) => {
                self.at += 1;
                if self.take('(') {
                    return self.call(name, start);
                }
                Ok(Expr::Property(name.as_str().into()))
            }
            Token::Quoted(name) => {
                self.at += 1;
                Ok(Expr::Property(name.as_str().into()))
            }
            Token::Literal(value) => {
                self.at += 1;
                Ok(Expr::Literal(value.clone()))
            }
            Token::Filter | Token::Sign('[') => match self.bracket(true)? {
                mut steps if steps.len() == 1 => Ok(steps.remove(0)),
                steps => Ok(Expr::Sequence(steps)),
            },
            Token::Sign('*') => {
                self.at += 1;
                let mut steps = vec![Expr::FlattenObject];
                steps.extend(self.projected(STAR)?);
                Ok(Expr::Sequence(steps))
            }
            Token::Sign('@') => {
                self.at += 1;
                Ok(Expr::Current)
            }
            Token::Sign('!') => {
                self.at += 1;
                Ok(Expr::Not(Box::new(self.expression(NOT)?)))
            }
            Token::Sign('{') => self.hash(),
            Token::Sign('(') => {
                self.at += 1;
                let inner = self.expression(0)?;
                self.expect(')')?;
                // A sequence of its own ends the projections inside.
                Ok(Expr::Sequence(vec![inner]))
            }
            _ => Err(self.unexpected()),
        }
    }

    /// `left` with the next operator and what belongs to it.
    fn continued(&mut self, left: Expr) -> Result<Expr, Problem> {
        let mut steps = vec![left];
        match self.peek() {
            Token::Sign('.') => {
                self.at += 1;
                if self.take('*') {
                    steps.push(Expr::FlattenObject);
                    steps.extend(self.projected(STAR)?);
                } else {
                    steps.push(self.behind_dot(DOT)?);
                }
            }
            Token::Filter | Token::Sign('[') => steps.extend(self.bracket(false)?),
            Token::Sign('|') => {
                self.at += 1;
                steps.push(self.expression(PIPE)?);
            }
            operator => {
                self.at += 1;
                let left = Box::new(steps.remove(0));
                return Ok(match operator {
                    Token::Or => Expr::Or(left, Box::new(self.expression(OR)?)),
                    Token::And => Expr::And(left, Box::new(self.expression(AND)?)),
                    Token::Compare(comparator) => {
                        let right = Box::new(self.expression(COMPARE)?);
                        Expr::Compare(*comparator, left, right)
                    }
                    _ => return Err(self.unexpected()),
                });
            }
        }
        Ok(Expr::Sequence(steps))
    }

    /// What stands behind a dot: a name, a function, a list or a hash.
    fn behind_dot(&mut self, power: u8) -> Result<Expr, Problem> {
        match self.peek() {
            Token::Name(_) | Token::Quoted(_) | Token::Sign('{') => self.expression(power),
            Token::Sign('[') => {
                self.at += 1;
                self.list()
            }
            _ => Err(self.unexpected()),
        }
    }

    /// What is done with each item of a projection; `None` where nothing stands behind it.
    fn projected(&mut self, power: u8) -> Result<Option<Expr>, Problem> {
        let rest = match self.peek() {
            _ if self.power() < PROJECTION_STOP => return Ok(None),
            Token::Sign('.') => {
                self.at += 1;
                if self.take('*') {
                    let mut steps = vec![Expr::FlattenObject];
                    steps.extend(self.projected(STAR)?);
                    Expr::Sequence(steps)
                } else {
                    self.behind_dot(power)?
                }
            }
            _ => {
                let mut item = Expr::Sequence(self.bracket(false)?);
                while power < self.power() {
                    item = self.continued(item)?;
                }
                item
            }
        };
        Ok(Some(Expr::Projection(Box::new(rest))))
    }

    /// The steps of `[...]`; a list of expressions only where it may begin an expression.
    fn bracket(&mut self, may_be_list: bool) -> Result<Vec<Expr>, Problem> {
        if *self.next() == Token::Filter {
            let condition = self.expression(0)?;
            self.expect(']')?;
            let mut steps = vec![Expr::Selection(Box::new(condition))];
            steps.extend(self.projected(FILTER)?);
            return Ok(steps);
        }
        match self.peek() {
            Token::Sign(']') => {
                self.at += 1;
                let mut steps = vec![Expr::FlattenArray];
                steps.extend(self.projected(FLATTEN)?);
                Ok(steps)
            }
            Token::Sign('*') if *self.peek_second() == Token::Sign(']') => {
                self.at += 2;
                // This one leaves `null` out even where nothing stands behind it.
                let nothing = || Expr::Projection(Box::new(Expr::Current));
                Ok(vec![self.projected(STAR)?.unwrap_or_else(nothing)])
            }
            Token::Number(index) if *self.peek_second() == Token::Sign(']') => {
                self.at += 2;
                Ok(vec![Expr::Index(*index)])
            }
            Token::Number(_) | Token::Sign(':') => {
                let mut steps = vec![self.slice()?];
                steps.extend(self.projected(STAR)?);
                Ok(steps)
            }
            _ if may_be_list => Ok(vec![self.list()?]),
            _ => Err(self.unexpected()),
        }
    }

    fn slice(&mut self) -> Result<Expr, Problem> {
        let from = self.number();
        self.expect(':')?;
        let to = self.number();
        let mut step = None;
        if self.take(':') {
            let position = self.position();
            step = self.number();
            if step == Some(0) {
                return Err(("invalid value 0 for step size".to_owned(), position));
            }
        }
        self.expect(']')?;
        let step = step.unwrap_or(1);
        Ok(Expr::Slice { from, to, step })
    }

    fn number(&mut self) -> Option<i64> {
        match self.peek() {
            Token::Number(number) => {
                self.at += 1;
                Some(*number)
            }
            _ => None,
        }
    }

    /// `a, b]`.
    fn list(&mut self) -> Result<Expr, Problem> {
        let mut entries = vec![self.expression(0)?];
        while self.take(',') {
            entries.push(self.expression(0)?);
        }
        self.expect(']')?;
        Ok(Expr::List(entries))
    }

    /// `{key: a, other: b}`.
    fn hash(&mut self) -> Result<Expr, Problem> {
        self.expect('{')?;
        let mut entries = Vec::new();
        loop {
            let key = match self.peek() {
                Token::Name(key) | Token::Quoted(key) => key.as_str().into(),
                _ => return Err(self.unexpected()),
            };
            self.at += 1;
            self.expect(':')?;
            entries.push((key, self.expression(0)?));
            if !self.take(',') {
                break;
            }
        }
        self.expect('}')?;
        Ok(Expr::Hash(entries))
    }

    /// The arguments of `name`, whose bracket is open.
    fn call(&mut self, name: &str, start: usize) -> Result<Expr, Problem> {
        let unknown = || (format!("unknown function \"{name}\""), start);
        let function = Function::named(name).ok_or_else(unknown)?;
        let mut arguments = Vec::new();
        if !self.take(')') {
            loop {
                arguments.push(match self.take('&') {
                    true => Argument::Reference(self.expression(0)?),
                    false => Argument::Value(self.expression(0)?),
                });
                if !self.take(',') {
                    break;
                }
            }
            self.expect(')')?;
        }
        let (least, most) = function.arity();
        if arguments.len() < least || arguments.len() > most {
            let problem = format!(
                "invalid arity calling \"{name}\" with {} arguments",
                arguments.len()
            );
            return Err((problem, start));
        }
        Ok(Expr::Call(function, arguments))
    }
}
