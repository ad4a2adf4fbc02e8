//! What the person at the console says; the only reader of the environment.

use jiff::civil::Date;
use std::ffi::OsString;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

#[derive(clap::Parser)]
#[command(
    name = "nuanchao",
    version,
    about = "暖巢：周一告诉每一位老师，哪个孩子在等着他",
    disable_help_subcommand = true
)]
pub struct Cli {
    #[command(subcommand)]
    pub command: Command,
}

impl Cli {
    /// What was said at the console; `help`, alone or before a command, is `--help` after it.
    pub fn of(words: impl IntoIterator<Item = OsString>) -> Result<Self, clap::Error> {
        let mut words: Vec<OsString> = words.into_iter().collect();
        if words.get(1).is_some_and(|first| first == "help") {
            words.remove(1);
            words.push("--help".into());
        }
        <Self as clap::Parser>::try_parse_from(words)
    }
}

#[derive(clap::Subcommand)]
pub enum Command {
    /// 示例学校：每次启动都是新的，里面的孩子都是编的
    Demo(Demo),
    /// 正式使用
    Serve(Serve),
    /// 从文件导入
    #[command(subcommand)]
    Import(Import),
    /// 打印一张表，给一个孩子、一个班或全校
    Print(Print),
    /// 约定：看有哪些事实、检查、采用、试算
    #[command(subcommand)]
    Pack(Pack),
    /// 账号
    #[command(subcommand)]
    User(User),
    /// 建一所学校
    School(NewSchool),
    /// 把一所学校放到一个县、一个乡镇下面
    Place(Above),
    /// 核对：操作记录的链、汇总、文件完好
    Verify(Place),
    /// 备份到一个加密的文件，并恢复一遍验过才算好
    Backup(Backup),
    /// 从备份恢复到一个空文件夹，或（--database-url）一个空的PostgreSQL数据库
    Restore(Restore),
    /// 造压力测试用的数据（都是编的）
    BenchData(BenchData),
    #[command(hide = true, name = "sheet-reader")]
    SheetReader,
}

#[derive(clap::Args)]
pub struct Demo {
    /// 监听的地址
    #[arg(long, default_value = "127.0.0.1:8080")]
    pub listen: SocketAddr,
    /// 示例数据放在哪个文件夹
    #[arg(long, default_value = "nuanchao-demo")]
    pub data: PathBuf,
    /// 把今天定在某一天（只用于示例和测试）
    #[arg(long)]
    pub today: Option<Date>,
    /// 示例账号的密码；不给就随机
    #[arg(long)]
    pub password: Option<String>,
    /// 只造数据，不启动
    #[arg(long)]
    pub init_only: bool,
}

#[derive(clap::Args)]
pub struct Print {
    #[command(flatten)]
    pub place: Place,
    /// 哪一张表（pack forms列出所有的）；contact_card是联系卡，dossier是整本档案
    #[arg(long)]
    pub form: String,
    #[command(flatten)]
    pub whom: PrintWhom,
    /// pdf、docx、xlsx、html
    #[arg(long = "as", default_value = "pdf")]
    pub output: String,
    /// 写到哪个文件
    #[arg(long)]
    pub out: PathBuf,
    /// 空白表，留着手写
    #[arg(long)]
    pub blank: bool,
    /// 去掉姓名，拿出去交流用
    #[arg(long, conflicts_with = "blank")]
    pub nameless: bool,
    /// 用来做什么：filing存档、inspection上级检查、family交给家里、checking自己核对、exchange拿出去交流
    #[arg(long, default_value = "filing")]
    pub purpose: String,
    /// 用哪个账号的名义；不给就记在档案管理员（没有就是校长）名下，档案管理员和校长看得到的都印
    #[arg(long)]
    pub user: Option<String>,
}

#[derive(clap::Args)]
#[group(required = true, multiple = false)]
pub struct PrintWhom {
    /// 一个孩子的编号
    #[arg(long)]
    pub child: Option<String>,
    /// 一个班，例如“五（2）班”
    #[arg(long)]
    pub class: Option<String>,
    /// 全校
    #[arg(long)]
    pub all: bool,
}

#[derive(clap::Args)]
pub struct Serve {
    #[command(flatten)]
    pub place: Place,
    #[arg(long, default_value = "127.0.0.1:8080")]
    pub listen: SocketAddr,
    /// 前面有HTTPS代理时打开：登录凭证只在加密连接上送出
    #[arg(long)]
    pub https: bool,
}

#[derive(clap::Args, Clone)]
pub struct Place {
    /// 数据文件夹（SQLite）
    #[arg(long, default_value = "nuanchao-data")]
    pub data: PathBuf,
    /// PostgreSQL的地址；也可以写在环境变量NUANCHAO_DATABASE_URL里
    #[arg(long)]
    pub database_url: Option<String>,
    /// 钥匙文件；不给就用数据文件夹旁边的“文件夹名.key”
    #[arg(long)]
    pub key_file: Option<PathBuf>,
    /// 操作记录的检查点写到哪个文件，最好在另一块盘上；不给就放在钥匙文件旁边
    #[arg(long)]
    pub checkpoints: Option<PathBuf>,
    /// A demo or a scratch copy stays in its folder, whatever the environment says.
    #[arg(skip)]
    pub is_local: bool,
}

#[derive(clap::Subcommand)]
pub enum Import {
    /// 导入名单：先看每一行的结论，加--commit才写进去
    Roster {
        file: PathBuf,
        #[command(flatten)]
        place: Place,
        /// 用哪个账号的名义
        #[arg(long = "as")]
        username: String,
        /// 把可以导入的行写进去
        #[arg(long)]
        commit: bool,
        /// 把要改的行写成一个表，改好再导入
        #[arg(long)]
        mend: Option<PathBuf>,
        /// 表里的年级是哪个学年的，写开始的那一年（2026）；暑假里两种名单都有
        #[arg(long)]
        school_year: Option<i16>,
    },
    /// 撤回一次导入（24小时内）
    Undo {
        /// 导入时显示的编号
        id: String,
        #[command(flatten)]
        place: Place,
        #[arg(long = "as")]
        username: String,
    },
}

#[derive(clap::Subcommand)]
pub enum Pack {
    /// 列出条件里可以用的事实
    Facts,
    /// 列出所有的表：哪份约定、叫什么、第几版、中文名
    Forms {
        /// 只看一所学校现在用的
        #[arg(long)]
        data: Option<PathBuf>,
    },
    /// 检查一份约定，有错就说在哪一行、怎么改
    Check {
        #[arg(required = true)]
        files: Vec<PathBuf>,
    },
    /// 让一所学校采用一份约定
    Adopt {
        /// 自带的名字（p1…p5）或一个TOML文件
        pack: String,
        #[command(flatten)]
        place: Place,
        #[arg(long = "as")]
        username: String,
        #[arg(long)]
        from: Option<Date>,
    },
    /// 停用一份约定；以前的事仍按当时的约定算
    End {
        /// 约定的id，例如p4
        pack: String,
        #[command(flatten)]
        place: Place,
        #[arg(long = "as")]
        username: String,
        /// 从哪天起停用；不写就是今天
        #[arg(long)]
        from: Option<Date>,
    },
    /// 试算：一个孩子在一段日子里，算不算在内、该做什么、为什么
    Try {
        #[arg(required = true)]
        packs: Vec<String>,
        #[arg(long)]
        case: PathBuf,
        #[arg(long)]
        from: Date,
        #[arg(long)]
        to: Date,
    },
}

#[derive(clap::Subcommand)]
pub enum User {
    /// 开一个账号；密码随机，只显示这一次
    Add {
        username: String,
        #[arg(long)]
        name: String,
        /// 角色：homeroom_teacher、principal、archivist、administrator……
        #[arg(long)]
        role: String,
        /// 班主任和任课教师的班，例如“五（2）班”
        #[arg(long)]
        class: Option<String>,
        /// 数据里有几所学校时，写明是哪一所
        #[arg(long)]
        school: Option<String>,
        #[command(flatten)]
        place: Place,
    },
    /// 停用一个账号，马上生效
    Close {
        username: String,
        #[command(flatten)]
        place: Place,
    },
}

#[derive(clap::Args)]
pub struct NewSchool {
    /// 学校的名字
    pub name: String,
    #[command(flatten)]
    pub place: Place,
    /// primary小学、junior初中、nine_year九年一贯
    #[arg(long, default_value = "primary")]
    pub stage: String,
    /// 本学期开学的日子
    #[arg(long)]
    pub term_from: Date,
    /// 本学期结束的日子
    #[arg(long)]
    pub term_to: Date,
    /// 属于哪个县；县局的账号开在县的名下
    #[arg(long)]
    pub county: Option<String>,
    /// 在县的哪个乡镇
    #[arg(long)]
    pub township: Option<String>,
    /// 采用哪几份计划（p1…p5），可以写几次
    #[arg(long = "pack")]
    pub packs: Vec<String>,
}

#[derive(clap::Args)]
pub struct Above {
    /// 学校的名字
    pub school: String,
    #[command(flatten)]
    pub place: Place,
    /// 哪个县；不写就是不在哪个县下面
    #[arg(long)]
    pub county: Option<String>,
    /// 县的哪个乡镇
    #[arg(long, requires = "county")]
    pub township: Option<String>,
}

#[derive(clap::Args)]
pub struct Backup {
    pub file: PathBuf,
    #[command(flatten)]
    pub place: Place,
    /// 备份的口令；也可以写在环境变量NUANCHAO_BACKUP_PASSPHRASE里
    #[arg(long)]
    pub passphrase: Option<String>,
}

#[derive(clap::Args)]
pub struct Restore {
    pub file: PathBuf,
    #[command(flatten)]
    pub place: Place,
    #[arg(long)]
    pub passphrase: Option<String>,
}

#[derive(clap::Args)]
pub struct BenchData {
    #[arg(long)]
    pub children: usize,
    #[arg(long)]
    pub records: usize,
    #[arg(long, default_value = "nuanchao-bench")]
    pub data: PathBuf,
    #[arg(long, default_value = "bench-Password-1")]
    pub password: String,
}

fn environment(name: &str) -> Option<String> {
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place that reads the environment"
    )]
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

impl Place {
    /// A copy in a folder of its own, with its key inside, that goes when it is done with.
    pub fn scratch(folder: &std::path::Path) -> Self {
        Self {
            data: folder.to_owned(),
            database_url: None,
            key_file: Some(folder.join("proof.key")),
            checkpoints: Some(folder.join("proof.checkpoints")),
            is_local: true,
        }
    }

    pub fn database_url(&self) -> Option<String> {
        self.database_url
            .clone()
            .or_else(|| self.environment("NUANCHAO_DATABASE_URL"))
    }

    fn environment(&self, name: &str) -> Option<String> {
        environment(name).filter(|_| !self.is_local)
    }

    pub fn database_file(&self) -> PathBuf {
        self.data.join("nuanchao.db")
    }

    /// Where the signed checkpoints of the journal go: never into the database they watch.
    pub fn checkpoint_file(&self) -> PathBuf {
        self.checkpoints
            .clone()
            .or_else(|| self.environment("NUANCHAO_CHECKPOINTS").map(PathBuf::from))
            .unwrap_or_else(|| self.key_path().with_extension("checkpoints"))
    }

    /// Beside the data folder, not in it: a copied folder is useless without the key.
    pub fn key_path(&self) -> PathBuf {
        self.key_file
            .clone()
            .or_else(|| self.environment("NUANCHAO_KEY_FILE").map(PathBuf::from))
            .unwrap_or_else(|| {
                let beside = beside(&self.data);
                // The demo's key lies in its own folder: there is nothing in it to guard.
                let own = self.data.join("demo.key");
                if !beside.exists() && own.exists() {
                    own
                } else {
                    beside
                }
            })
    }
}

fn beside(folder: &Path) -> PathBuf {
    let mut name = folder.file_name().unwrap_or_default().to_owned();
    name.push(".key");
    folder.with_file_name(name)
}

/// Words for the journal of the program: `RUST_LOG`, or warnings and our own notes.
pub fn log_filter() -> String {
    environment("RUST_LOG").unwrap_or_else(|| "warn,nuanchao=info".to_owned())
}

pub fn backup_passphrase(given: Option<String>) -> Option<String> {
    given.or_else(|| environment("NUANCHAO_BACKUP_PASSPHRASE"))
}

/// Where tests find PostgreSQL. A missing server fails them: no test is skipped in silence.
#[cfg(test)]
pub fn test_postgres() -> String {
    environment("NUANCHAO_TEST_POSTGRES")
        .expect("NUANCHAO_TEST_POSTGRES names a PostgreSQL for tests; scripts/test starts one")
}
