//! What cannot be understood at the console, said in Chinese.

use clap::error::{ContextKind, ContextValue, ErrorKind};
use std::process::ExitCode;

fn part(error: &clap::Error, kind: ContextKind) -> Option<String> {
    match error.get(kind)? {
        ContextValue::String(text) => Some(text.clone()),
        ContextValue::Strings(texts) => Some(texts.join("、")),
        ContextValue::StyledStr(text) => Some(text.to_string()),
        _ => None,
    }
}

/// Options whose value is a day.
const DAYS: [&str; 5] = ["--today", "--from", "--to", "--term-from", "--term-to"];

fn sentence(error: &clap::Error) -> Option<String> {
    let part = |kind| part(error, kind);
    let argument = part(ContextKind::InvalidArg);
    Some(match error.kind() {
        ErrorKind::InvalidSubcommand => {
            let near = part(ContextKind::SuggestedSubcommand);
            let near = near.map_or(String::new(), |near| format!("是不是想写“{near}”？"));
            format!(
                "没有“{}”这个命令。{near}",
                part(ContextKind::InvalidSubcommand)?
            )
        }
        ErrorKind::UnknownArgument => {
            let near = part(ContextKind::SuggestedArg);
            let near = near.map_or(String::new(), |near| format!("是不是想写“{near}”？"));
            format!("没有“{}”这一项。{near}", argument?)
        }
        ErrorKind::MissingRequiredArgument => format!("还少写了{}。", argument?),
        ErrorKind::ArgumentConflict => format!("{}不能和别的一起写，留一个就行。", argument?),
        ErrorKind::ValueValidation | ErrorKind::InvalidValue => {
            let argument = argument?;
            let value = part(ContextKind::InvalidValue).unwrap_or_default();
            let is_day = DAYS
                .iter()
                .any(|day| argument.split(' ').next() == Some(day));
            match (value.is_empty(), is_day) {
                (true, _) => format!("{argument}后面还没有写。"),
                (false, true) => format!(
                    "{argument}写的“{value}”不是一个日子。写成2025-09-01这样，并看看这一天有没有。"
                ),
                (false, false) => format!("{argument}写的“{value}”看不懂。"),
            }
        }
        ErrorKind::MissingSubcommand => "还没有写要做什么。".to_owned(),
        ErrorKind::TooManyValues => format!(
            "{}后面不用写“{}”。",
            argument?,
            part(ContextKind::InvalidValue).unwrap_or_default()
        ),
        _ => return None,
    })
}

/// Ends the program: help and version as they are, what was not understood in a sentence.
pub fn told(error: &clap::Error) -> ExitCode {
    let Some(sentence) = sentence(error) else {
        let _ = error.print();
        let is_fine = matches!(
            error.kind(),
            ErrorKind::DisplayHelp | ErrorKind::DisplayVersion
        );
        return if is_fine {
            ExitCode::SUCCESS
        } else {
            ExitCode::from(2)
        };
    };
    super::complain(&format!("{sentence}加上--help再运行一次，可以看到怎么写。"));
    ExitCode::from(2)
}

#[cfg(test)]
mod tests {
    use super::sentence;
    use crate::config::Cli;
    use clap::error::ErrorKind;

    fn error(words: &str) -> clap::Error {
        let words = std::iter::once("nuanchao").chain(words.split(' '));
        Cli::of(words.map(Into::into)).err().unwrap()
    }

    #[test]
    fn help_is_a_word_too() {
        for (words, told) in [("help", "正式使用"), ("help pack", "试算")] {
            let error = error(words);
            assert_eq!(error.kind(), ErrorKind::DisplayHelp, "{words}");
            assert!(error.to_string().contains(told), "{words}");
        }
    }

    #[test]
    fn what_is_not_understood_is_said_in_chinese() {
        let said = |words: &str| sentence(&error(words)).unwrap();
        for (words, told) in [
            ("prnt", "没有“prnt”这个命令。是不是想写“print”？"),
            ("demo --today 2026-13-01", "“2026-13-01”不是一个日子"),
            ("demo --listen here", "“here”看不懂"),
            ("demo --colour red", "没有“--colour”这一项"),
            ("print --as pdf", "还少写了--form"),
            ("demo --today", "后面还没有写"),
        ] {
            assert!(said(words).contains(told), "{}", said(words));
        }
    }
}
