//! Takes a path apart, with the tolerance of Jayway's `PathCompiler`.

use super::cursor::Cursor;
use super::filter;
use super::{Function, JsonPath, JsonPathError, Token};

/// Deepest nesting of filters in paths of filters.
const MAX_DEPTH: u32 = 16;

/// Parses `path`.
pub(super) fn parse(path: &str) -> Result<JsonPath, JsonPathError> {
    parse_nested(path, 0)
}

/// Parses a path that stands in `depth` filters.
pub(super) fn parse_nested(path: &str, depth: u32) -> Result<JsonPath, JsonPathError> {
    if depth > MAX_DEPTH {
        return Err(JsonPathError::invalid("filters are nested too deeply"));
    }
    let path = path.trim_matches(' ');
    let path = match path.chars().next() {
        None => return Err(JsonPathError::invalid("path is empty")),
        Some('$' | '@') => path.to_owned(),
        Some(_) => format!("$.{path}"),
    };
    if path.ends_with('.') {
        return Err(JsonPathError::invalid(
            "Path must not end with a '.' or '..'",
        ));
    }
    let mut parser = Parser {
        cursor: Cursor::new(&path),
        tokens: Vec::new(),
        depth,
    };
    let from_root = parser.cursor.current() == Some('$');
    if !parser.cursor.is_tail() {
        parser.cursor.position += 1;
        if !matches!(parser.cursor.current(), Some('.' | '[')) {
            return Err(JsonPathError::invalid(
                "`.` or `[` expected behind `$` or `@`",
            ));
        }
        parser.tokens()?;
    }
    Ok(JsonPath {
        tokens: parser.tokens,
        from_root,
    })
}

struct Parser {
    cursor: Cursor,
    tokens: Vec<Token>,
    depth: u32,
}

impl Parser {
    /// Reads tokens up to the tail.
    fn tokens(&mut self) -> Result<(), JsonPathError> {
        loop {
            match self.cursor.current() {
                Some('[') => {
                    let found = self.names()?
                        || self.indexes()?
                        || self.wildcard_in_brackets()?
                        || self.filter()?;
                    if !found {
                        return Err(self.unexpected());
                    }
                }
                Some('.') => {
                    self.dots()?;
                    // A name, a wildcard or a bracket must follow, even at the tail.
                    continue;
                }
                Some('*') => {
                    self.cursor.position += 1;
                    self.tokens.push(Token::Wildcard);
                }
                Some(_) => self.name_or_function()?,
                None => return Err(self.unexpected()),
            }
            if self.cursor.is_tail() {
                return Ok(());
            }
        }
    }

    fn unexpected(&self) -> JsonPathError {
        JsonPathError::invalid(format!(
            "no token of a path at character {}",
            self.cursor.position + 1
        ))
    }

    fn dots(&mut self) -> Result<(), JsonPathError> {
        self.cursor.position += 1;
        if self.cursor.current() == Some('.') {
            self.tokens.push(Token::Scan);
            self.cursor.position += 1;
        }
        if self.cursor.current() == Some('.') {
            return Err(self.unexpected());
        }
        Ok(())
    }

    /// `name` or `name()`.
    fn name_or_function(&mut self) -> Result<(), JsonPathError> {
        let start = self.cursor.position;
        let mut index = start;
        let end = loop {
            match self.cursor.at(index) {
                Some(' ') => {
                    return Err(JsonPathError::invalid("a name with a space needs `['']`"));
                }
                Some('.' | '[' | '(') | None => break index,
                Some(_) => index += 1,
            }
        };
        let name = self.cursor.text(start, end);
        if self.cursor.at(end) != Some('(') {
            self.cursor.position = end;
            self.tokens.push(Token::Property(vec![name]));
            return Ok(());
        }
        if self.cursor.at(end + 1) != Some(')') {
            return Err(JsonPathError::invalid(format!(
                "parameters of function `{name}` are not supported"
            )));
        }
        let function = match name.as_str() {
            "length" | "size" => Function::Length,
            "keys" => Function::Keys,
            "min" => Function::Min,
            "max" => Function::Max,
            "avg" => Function::Avg,
            "sum" => Function::Sum,
            "stddev" => Function::StdDev,
            _ => {
                return Err(JsonPathError::invalid(format!(
                    "there is no function `{name}`"
                )));
            }
        };
        self.tokens.push(Token::Function(function));
        self.cursor.position = end + 1;
        // The closing parenthesis may be the tail; otherwise it is stepped over.
        if !self.cursor.is_tail() {
            self.cursor.position += 1;
        }
        Ok(())
    }

    /// `['name','name']`.
    fn names(&mut self) -> Result<bool, JsonPathError> {
        let cursor = &self.cursor;
        let Some((_, quote @ ('\'' | '"'))) = cursor.significant_after(cursor.position) else {
            return Ok(false);
        };
        let mut names = Vec::new();
        let mut start = None;
        let mut last_end = cursor.position;
        let mut after_comma = false;
        let mut index = cursor.position + 1;
        while let Some(character) = cursor.at(index) {
            match (character, start) {
                ('\\', _) => index += 1,
                (']', None) => break,
                (',', None) if after_comma => return Err(self.unexpected()),
                (',', None) => after_comma = true,
                (_, Some(begin)) if character == quote => {
                    if !matches!(cursor.significant_after(index), Some((_, ']' | ','))) {
                        return Err(self.unexpected());
                    }
                    names.push(unescape(&cursor.text(begin, index)));
                    last_end = index;
                    start = None;
                }
                (_, None) if character == quote => {
                    start = Some(index + 1);
                    after_comma = false;
                }
                _ => {}
            }
            index += 1;
        }
        if start.is_some() || after_comma {
            return Err(JsonPathError::invalid("a name in brackets is not closed"));
        }
        let close = cursor
            .next_significant(last_end, ']')
            .ok_or_else(|| self.unexpected())?;
        self.cursor.position = close + 1;
        self.tokens.push(Token::Property(names));
        Ok(true)
    }

    /// `[0]`, `[0,1]` or `[0:2]`.
    fn indexes(&mut self) -> Result<bool, JsonPathError> {
        let begin = self.cursor.position;
        let Some((_, '0'..='9' | '-' | ':')) = self.cursor.significant_after(begin) else {
            return Ok(false);
        };
        let close = (begin + 1..self.cursor.end()).find(|&at| self.cursor.at(at) == Some(']'));
        let Some(close) = close else {
            return Ok(false);
        };
        let text = self.cursor.text(begin + 1, close);
        let text = text.trim_matches(' ');
        if !text
            .chars()
            .all(|character| matches!(character, '0'..='9' | ',' | '-' | ':' | ' '))
        {
            return Ok(false);
        }
        let number = |text: &str| {
            text.parse::<i32>()
                .map(i64::from)
                .map_err(|_| JsonPathError::invalid(format!("`{text}` is no index")))
        };
        let token = if text.contains(':') {
            let mut bounds = text.split(':').map(|bound| match bound {
                "" => Ok(None),
                _ => number(bound).map(Some),
            });
            // Further parts, such as a step, are ignored.
            let from = bounds.next().transpose()?.flatten();
            let to = bounds.next().transpose()?.flatten();
            if from.is_none() && to.is_none() {
                return Err(JsonPathError::invalid(format!("`{text}` is no slice")));
            }
            Token::Slice { from, to }
        } else {
            let indexes = text.split(',').map(|index| number(index.trim()));
            Token::Index(indexes.collect::<Result<_, _>>()?)
        };
        self.tokens.push(token);
        self.cursor.position = close + 1;
        Ok(true)
    }

    /// `[*]`.
    fn wildcard_in_brackets(&mut self) -> Result<bool, JsonPathError> {
        let Some(star) = self.cursor.next_significant(self.cursor.position, '*') else {
            return Ok(false);
        };
        let close = self
            .cursor
            .next_significant(star, ']')
            .ok_or_else(|| self.unexpected())?;
        self.cursor.position = close + 1;
        self.tokens.push(Token::Wildcard);
        Ok(true)
    }

    /// `[?(condition)]`.
    fn filter(&mut self) -> Result<bool, JsonPathError> {
        let cursor = &self.cursor;
        let Some(open) = cursor
            .next_significant(cursor.position, '?')
            .and_then(|mark| cursor.next_significant(mark, '('))
        else {
            return Ok(false);
        };
        let Some((close, end)) = cursor
            .matching_close(open, '(', ')', true)
            .and_then(|close| {
                let end = cursor.next_significant(close, ']')?;
                Some((close, end))
            })
        else {
            return Ok(false);
        };
        let condition = filter::parse(&cursor.text(open, close + 1), self.depth + 1)?;
        self.tokens.push(Token::Filter(condition));
        self.cursor.position = end + 1;
        Ok(true)
    }
}

/// A name or text without its backslashes.
pub(super) fn unescape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        if character != '\\' {
            out.push(character);
            continue;
        }
        match characters.next() {
            Some('n') => out.push('\n'),
            Some('r') => out.push('\r'),
            Some('t') => out.push('\t'),
            Some('b') => out.push('\u{8}'),
            Some('f') => out.push('\u{c}'),
            Some('u') => {
                let digits: String = characters.by_ref().take(4).collect();
                let code = u32::from_str_radix(&digits, 16).ok();
                out.push(code.and_then(char::from_u32).unwrap_or('\u{fffd}'));
            }
            Some(other) => out.push(other),
            None => {}
        }
    }
    out
}
