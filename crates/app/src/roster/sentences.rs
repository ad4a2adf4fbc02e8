//! What is wrong with a cell, in words that say how to mend it.

use rules::identity::{
    CitizenIdFault, ClassNameFault, DateFault, NameFault, PhoneFault, StudentNoFault,
};

pub fn name(fault: &NameFault) -> String {
    match fault {
        NameFault::Empty => "没有姓名。请补上孩子的姓名。".to_owned(),
        NameFault::TooLong { got, most } => {
            format!("姓名有{got}个字，最多{most}个。请看看是不是和别的格子连在一起了。")
        }
        NameFault::Number => "姓名这一格是数字。请看看是不是填错了列。".to_owned(),
        NameFault::Control => "姓名里有看不见的字符。请重新打一遍姓名。".to_owned(),
        NameFault::Symbol(symbol) => {
            format!("姓名里有“{symbol}”，不像是名字里的。请看看是不是填错了。")
        }
        NameFault::LostCharacter => {
            "姓名里有一个字变成了问号，多半是生僻字在导出时丢了。请补上这个字。".to_owned()
        }
    }
}

pub fn date(given: &str, fault: &DateFault) -> String {
    match fault {
        DateFault::Empty => "出生日期是空的。请补上，例如2015-03-12。".to_owned(),
        DateFault::NoSuchMonth { month } => {
            format!("出生日期“{given}”没有{month}月。请看看月份。")
        }
        DateFault::NoSuchDay { month, day, .. } => {
            format!("出生日期“{given}”：{month}月没有{day}日。请看看日子。")
        }
        DateFault::Shape if is_day_number(given) => format!(
            "出生日期“{given}”像是Excel把日子变成了数字。请把这一列设为“日期”再存，或写成2015-03-12这样。"
        ),
        DateFault::Shape => {
            format!("出生日期“{given}”看不懂。请写成2015-03-12这样。")
        }
    }
}

/// Days since 1900, as a spreadsheet counts them: of a child's birth, five digits.
fn is_day_number(given: &str) -> bool {
    given.len() == 5
        && given
            .parse::<u32>()
            .is_ok_and(|days| (30_000..60_000).contains(&days))
}

pub fn citizen_id(fault: &CitizenIdFault) -> String {
    match fault {
        CitizenIdFault::Empty => "身份证号是空的。".to_owned(),
        CitizenIdFault::Length { got } => {
            format!("身份证号有{got}位，应是18位。请对着户口簿看一遍。")
        }
        CitizenIdFault::EatenByExcel => {
            "身份证号像是被Excel变成了数字，最后几位已经丢了。请从学籍系统重新导出，或把这一列设为“文本”后再填。"
                .to_owned()
        }
        CitizenIdFault::NotDigits => {
            "身份证号里有不是数字的字。请对着户口簿看一遍，最后一位可以是X。".to_owned()
        }
        CitizenIdFault::BirthDate => {
            "身份证号中间的出生日期不存在。请对着户口簿看一遍。".to_owned()
        }
        CitizenIdFault::CheckDigit => {
            "身份证号的校验位对不上，多半是有一位打错了，或相邻两位打反了。请对着户口簿看一遍。"
                .to_owned()
        }
    }
}

pub fn student_no(fault: &StudentNoFault) -> String {
    match fault {
        StudentNoFault::Empty => "学籍号是空的。".to_owned(),
        StudentNoFault::Letter => "全国学籍号应以G、J或L开头。请从学籍系统里再抄一遍。".to_owned(),
        StudentNoFault::Length { got } => {
            format!("全国学籍号有{got}位，应是19位。请从学籍系统里再抄一遍。")
        }
        StudentNoFault::NotDigits | StudentNoFault::BirthDate | StudentNoFault::CheckDigit => {
            "全国学籍号有一处不对，多半是打错了一位。请从学籍系统里再抄一遍。".to_owned()
        }
    }
}

pub fn phone(whose: &str, fault: &PhoneFault) -> String {
    match fault {
        PhoneFault::Empty => format!("{whose}的电话是空的。"),
        PhoneFault::Length { got: 7 | 8, .. } => {
            format!("{whose}的电话是座机，前面没写区号，打不通。区号加在前面，例如0556-7101234。")
        }
        PhoneFault::Length { got, wanted } if got < wanted => {
            format!("{whose}的电话少了{}位，手机号是{wanted}位。", wanted - got)
        }
        PhoneFault::Length { got, wanted } => {
            format!("{whose}的电话多了{}位，手机号是{wanted}位。", got - wanted)
        }
        PhoneFault::Shape => format!("{whose}的电话不像电话号码。请再问一问。"),
        PhoneFault::EatenByExcel => format!(
            "{whose}的电话被Excel改成了科学计数，后面几位没有了。请从原来的表里再抄一遍，那一列先设成“文本”。"
        ),
    }
}

pub fn class(given: &str, fault: &ClassNameFault) -> String {
    match fault {
        ClassNameFault::Empty => "没有写班级。请填成三年级(2)班这样。".to_owned(),
        ClassNameFault::NoGrade => format!("班级“{given}”看不出是几年级。请填成三年级(2)班这样。"),
        ClassNameFault::NoNumber { .. } if given.is_empty() => {
            "只写了年级，没有写班号。只有一个班也请写上，例如三年级(1)班。".to_owned()
        }
        ClassNameFault::NoNumber { .. } => {
            format!("班级“{given}”没有班号。只有一个班也请写上，例如三年级(1)班。")
        }
        ClassNameFault::NoSuchGrade { .. } => format!("班级“{given}”不是小学或初中的年级。"),
        ClassNameFault::GradesDiffer { .. } => {
            "年级和班级两列写的年级不一样。请看看哪一个对。".to_owned()
        }
        ClassNameFault::EntryYear { entry_year } => {
            format!("{entry_year}级现在不在本校的年级里。请改成三年级(2)班这样。")
        }
        ClassNameFault::LeavingYear => {
            "“届”是毕业的年份，容易弄混。请改成三年级(2)班这样。".to_owned()
        }
        ClassNameFault::Shape => format!("班级“{given}”看不懂。请填成三年级(2)班这样。"),
    }
}
