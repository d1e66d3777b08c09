//! One list, page by page, to its end or not at all.

use std::time::Duration;

use knight_model::snapshot::Listed;
use thiserror::Error;

use super::{
    api::{Api, Failure, encoded},
    page::{self, Common, Names, NoPage, Page},
    plan::{Ask, What},
    spool::{Room, Spool},
};

/// How many objects are asked for at once, as kubectl does.
const PAGE_OBJECTS: usize = 500;

/// The most bytes that one page may have. A longer one is asked for again in halves: the longest
/// object has a few MiB.
const PAGE_BYTES: usize = 16 << 20;

/// The most pages of one list.
const PAGES: usize = 20_000;

/// The most bytes of a token that says how to go on; all of it stands in the URL.
const TOKEN_BYTES: usize = 16 << 10;

/// How often a list is begun anew after the server forgot where we were.
const ANEW: usize = 3;

/// How often a list is continued although what was before has changed meanwhile.
const RENEWED: usize = 20;

/// How often a page is asked for again that was no page.
const AGAIN: u32 = 2;

/// How long to wait before that.
const PAUSE: Duration = Duration::from_millis(250);

/// What came of a list.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) outcome: Listed,
    /// The objects; none where the list was not read to its end.
    pub(super) spool: Spool,
}

/// Why nothing more need be asked for.
#[derive(Debug, Error)]
pub(super) enum Fatal {
    /// The server does not know who asks.
    #[error(
        "the cluster does not know who asks ({0}): the credentials of the kubeconfig are wrong, or no longer valid"
    )]
    Unauthorized(String),
    /// The server does not answer at all.
    #[error("the cluster cannot be read: {0}")]
    Unreachable(String),
    /// There is no such namespace.
    #[error("the cluster has no namespace `{0}`")]
    NoNamespace(String),
}

/// The list as far as it is read.
struct Reading<'a> {
    api: &'a Api,
    room: &'a Room,
    ask: &'a Ask,
    common: Common,
    limit: usize,
    token: Option<String>,
    spool: Spool,
    names: Names,
    damaged: u32,
    renewed: usize,
}

/// Reads what is asked for; `count` is told of the objects of each page.
pub(super) async fn read(
    api: &Api,
    ask: &Ask,
    room: &Room,
    count: &(dyn Fn(u64) + Sync),
) -> Result<Answer, Fatal> {
    match &ask.what {
        What::NotServed => return Ok(Answer::empty(Listed::NotServed)),
        What::Failed(reason) => return Ok(Answer::failed(reason)),
        What::Object(name) => return object(api, ask, name, room).await,
        What::List(_) => {}
    }
    let mut limit = PAGE_OBJECTS;
    for _ in 0..ANEW {
        let mut reading = Reading::new(api, ask, room, limit);
        let answer = reading.every_page(count).await?;
        // Nothing where the objects are part of the answer.
        room.give_back(reading.spool.size());
        if let Some(answer) = answer {
            return Ok(answer);
        }
        limit = reading.limit;
    }
    Ok(Answer::failed(&format!(
        "the server forgot {ANEW} times where the list was to be continued"
    )))
}

/// Reads a Namespace by its name, for those who may not list them.
async fn object(api: &Api, ask: &Ask, name: &str, room: &Room) -> Result<Answer, Fatal> {
    let body = match api.get(&ask.path(), PAGE_BYTES).await {
        Ok(body) => body,
        Err(Failure::NotFound) => return Err(Fatal::NoNamespace(name.to_owned())),
        Err(failure) => return Answer::of_failure(failure),
    };
    let common = Common::of(ask);
    match page::of_object(&body, &common) {
        Ok(page) => {
            let mut answer = Answer::empty(Listed::Read { objects: 1 });
            Ok(match answer.spool.add(&page.lines, page.objects, room) {
                Ok(()) => answer,
                Err(error) => Answer::failed(&format!("{error:#}")),
            })
        }
        Err(NoPage::Damaged(reason) | NoPage::Wrong(reason)) => Ok(Answer::failed(&reason)),
        Err(NoPage::TooMuch) => Ok(Answer::failed("it has too many fields")),
    }
}

impl<'a> Reading<'a> {
    fn new(api: &'a Api, ask: &'a Ask, room: &'a Room, limit: usize) -> Self {
        Self {
            api,
            room,
            ask,
            common: Common::of(ask),
            limit,
            token: None,
            spool: Spool::default(),
            names: Names::default(),
            damaged: 0,
            renewed: 0,
        }
    }

    /// Reads the list to its end; nothing when the server forgot where we were.
    async fn every_page(&mut self, count: &(dyn Fn(u64) + Sync)) -> Result<Option<Answer>, Fatal> {
        for _ in 0..PAGES {
            let page = match self.api.get(&self.path(), PAGE_BYTES).await {
                Ok(body) => self.take_apart(body).await,
                Err(Failure::TooLong(_)) => Err(NoPage::TooMuch),
                Err(Failure::Expired(token)) if self.token.is_some() => {
                    // What was listed before may have changed meanwhile, as it may at any time.
                    if token.is_some() && self.renewed < RENEWED {
                        self.renewed += 1;
                        self.token = token;
                        continue;
                    }
                    return Ok(None);
                }
                Err(Failure::NotFound) if self.spool.objects() == 0 && self.token.is_none() => {
                    return Ok(Some(Answer::empty(Listed::NotServed)));
                }
                Err(failure) => return Answer::of_failure(failure).map(Some),
            };
            match page {
                Ok(page) => {
                    count(page.objects);
                    if let Some(ended) = self.add(page) {
                        return Ok(Some(ended));
                    }
                }
                Err(NoPage::TooMuch) if self.limit > 1 => self.limit /= 2,
                Err(NoPage::TooMuch) => {
                    return Ok(Some(Answer::failed(
                        "one object alone is larger than any that a cluster can hold",
                    )));
                }
                Err(NoPage::Wrong(reason)) => return Ok(Some(Answer::failed(&reason))),
                Err(NoPage::Damaged(reason)) => {
                    self.damaged += 1;
                    if self.damaged > AGAIN || self.api.is_spent() {
                        return Ok(Some(Answer::failed(&reason)));
                    }
                    self.api.pause(PAUSE * self.damaged).await;
                }
            }
        }
        Ok(Some(Answer::failed(&format!(
            "the list has no end after {PAGES} pages"
        ))))
    }

    /// Takes a page apart beside the connections, one at a time.
    async fn take_apart(&mut self, body: Vec<u8>) -> Result<Page, NoPage> {
        let gone = || NoPage::Wrong("the list could not be taken apart".to_owned());
        let _alone = self.api.parsing.acquire().await.map_err(|_| gone())?;
        let common = self.common.clone();
        let mut names = std::mem::take(&mut self.names);
        let work = tokio::task::spawn_blocking(move || {
            let page = page::of_list(&body, &common, &mut names);
            (page, names)
        });
        let (page, names) = work.await.map_err(|_| gone())?;
        self.names = names;
        page
    }

    /// Adds a page, and returns the answer when the list is at its end.
    fn add(&mut self, page: Page) -> Option<Answer> {
        self.damaged = 0;
        if let Err(error) = self.spool.add(&page.lines, page.objects, self.room) {
            return Some(Answer::failed(&format!("{error:#}")));
        }
        let Some(token) = page.next else {
            let spool = std::mem::take(&mut self.spool);
            let objects = spool.objects();
            let outcome = Listed::Read { objects };
            return Some(Answer { outcome, spool });
        };
        // Without a selector the server goes on only where it gave something.
        if page.objects == 0 || self.token.as_ref() == Some(&token) {
            return Some(Answer::failed("the list does not go on, and does not end"));
        }
        if token.len() > TOKEN_BYTES {
            return Some(Answer::failed(
                "the server says at too great length how to go on",
            ));
        }
        self.token = Some(token);
        None
    }

    fn path(&self) -> String {
        let mut path = format!("{}?limit={}", self.ask.path(), self.limit);
        if let Some(token) = &self.token {
            path.push_str("&continue=");
            path.push_str(&encoded(token));
        }
        path
    }
}

impl Common {
    fn of(ask: &Ask) -> Self {
        let namespace = match ask.what {
            // A Namespace is in no namespace.
            What::Object(_) => None,
            What::List(_) | What::NotServed | What::Failed(_) => ask.namespace.clone(),
        };
        Self {
            api_version: ask.api_version(),
            kind: ask.kind,
            namespace,
        }
    }
}

impl Answer {
    /// Makes the answer of a list that has no objects, or none that anybody sees.
    pub(super) fn empty(outcome: Listed) -> Self {
        Self {
            outcome,
            spool: Spool::default(),
        }
    }

    /// Makes the answer of a list that could not be read to its end.
    pub(super) fn failed(reason: &str) -> Self {
        Self::empty(Listed::Failed {
            reason: reason.to_owned(),
        })
    }

    fn of_failure(failure: Failure) -> Result<Self, Fatal> {
        match failure {
            Failure::Unauthorized(reason) => Err(Fatal::Unauthorized(reason)),
            Failure::Refused(reason) => Ok(Self::empty(Listed::Refused { reason })),
            other => Ok(Self::failed(&other.to_string())),
        }
    }
}
