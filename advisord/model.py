"""The nouns that the stages hand to each other, frozen; what they mean is fixed here and nowhere else.

CAP values are those of the OASIS Common Alerting Protocol 1.2, reliability and credibility those of the Admiralty
code (NATO AJP-2.1), countries ISO 3166-1 alpha-2 (and XK), languages BCP 47. Instants are aware UTC `datetime`s,
intervals half-open. Every noun survives a round trip through JSON (pydantic's TypeAdapter), which is how the store
keeps them.
"""
from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

# ------------------------------------------------------------------------------------------------ vocabularies


class Severity(StrEnum):
    """CAP 1.2 severity, worst first."""

    EXTREME = "Extreme"
    SEVERE = "Severe"
    MODERATE = "Moderate"
    MINOR = "Minor"
    UNKNOWN = "Unknown"

    @property
    def rank(self) -> int:
        """4 for Extreme down to 0 for Unknown."""
        return 4 - list(Severity).index(self)


class Urgency(StrEnum):
    """CAP 1.2 urgency, most urgent first."""

    IMMEDIATE = "Immediate"
    EXPECTED = "Expected"
    FUTURE = "Future"
    PAST = "Past"
    UNKNOWN = "Unknown"


class Certainty(StrEnum):
    """CAP 1.2 certainty, surest first."""

    OBSERVED = "Observed"
    LIKELY = "Likely"
    POSSIBLE = "Possible"
    UNLIKELY = "Unlikely"
    UNKNOWN = "Unknown"

    @property
    def rank(self) -> int:
        """4 for Observed down to 0 for Unknown."""
        return 4 - list(Certainty).index(self)


class MsgType(StrEnum):
    """CAP 1.2 message type."""

    ALERT = "Alert"
    UPDATE = "Update"
    CANCEL = "Cancel"


class Phase(StrEnum):
    """Where a report stands to the world; the last three never alert."""

    OCCURRED = "occurred"
    ONGOING = "ongoing"
    PLANNED = "planned"
    THREATENED = "threatened"
    ATTEMPTED = "attempted"
    ENDED = "ended"
    DENIED = "denied"
    EXERCISE = "exercise"
    BACKGROUND = "background"

    @property
    def is_current(self) -> bool:
        """Whether it tells of something that is so now, ends included."""
        return self not in {Phase.DENIED, Phase.EXERCISE, Phase.BACKGROUND}


class PlaceKind(StrEnum):
    """What sort of place a name names."""

    CITY = "city"
    ADMIN1 = "admin1"
    ADMIN2 = "admin2"
    COUNTRY = "country"
    REGION = "region"
    AIRPORT = "airport"
    FACILITY = "facility"
    WATER = "water"
    NATURAL = "natural"


class Precision(StrEnum):
    """How closely a report's place is known, closest first."""

    FACILITY = "facility"
    CITY = "city"
    ADMIN2 = "admin2"
    ADMIN1 = "admin1"
    REGION = "region"
    COUNTRY = "country"


class Reliability(StrEnum):
    """Admiralty grade of a source: A completely reliable, F cannot be judged."""

    A = "A"
    B = "B"
    C = "C"
    D = "D"
    E = "E"
    F = "F"


class IncidentStatus(StrEnum):
    """The life of an incident; the last three are its ends and never mixed."""

    OPEN = "open"
    CLEARED = "cleared"
    EXPIRED = "expired"
    CANCELLED = "cancelled"


class Reason(StrEnum):
    """Why an advisory is said (again)."""

    FIRST = "first"
    PHASE = "phase"
    SEVERITY = "severity"
    REACHES_YOU = "reaches_you"
    CASUALTIES = "casualties"
    INSTRUCTION = "instruction"
    CONSEQUENCE = "consequence"
    CONFIRMED = "confirmed"
    REMINDER = "reminder"
    MERGED = "merged"
    CORRECTED = "corrected"
    CLEARED = "cleared"
    EXPIRED = "expired"
    CANCELLED = "cancelled"
    NEED_HELP = "need_help"
    NO_ANSWER = "no_answer"


class Wellbeing(StrEnum):
    """What somebody answers to an alert."""

    SAFE = "safe"
    HELP = "help"


class DeliveryState(StrEnum):
    """A delivery moves from pending to one final state and never back."""

    PENDING = "pending"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    EXPIRED = "expired"
    CANCELLED = "cancelled"


# ------------------------------------------------------------------------------------------------------- sources


@dataclass(frozen=True, slots=True)
class Feed:
    """A source as the operator names it in feeds.yaml; `url` is http(s): or file: (a folder of articles).

    `baseline`: what it holds when it is first read counts as known, and raises nothing.
    """

    id: str
    url: str
    every: timedelta = timedelta(minutes=10)
    language: str | None = None
    country: str | None = None
    reliability: Reliability = Reliability.F
    official: bool = False
    allow_private: bool = False
    name: str | None = None
    enabled: bool = True
    baseline: bool = True


@dataclass(frozen=True, slots=True)
class FeedState:
    """What the store remembers of a feed between polls; `newest_item_at` is the age of its content."""

    feed_id: str
    next_at: datetime | None = None
    etag: str | None = None
    last_modified: str | None = None
    body_hash: str | None = None
    last_attempt_at: datetime | None = None
    last_success_at: datetime | None = None
    newest_item_at: datetime | None = None
    failures: int = 0
    last_error: str | None = None


@dataclass(frozen=True, slots=True)
class Hints:
    """What a source gave in structure (GeoRSS, GDACS, CAP); outranks what is read from words."""

    lat: float | None = None
    lon: float | None = None
    country: str | None = None
    severity: Severity | None = None


@dataclass(frozen=True, slots=True)
class Article:
    """One item of a feed; `title` and `text` are kept untouched for ever, since evidence spans cut them.

    `id` is made from feed and content key, so that reading the same item twice gives the same id; `fingerprint` is
    of title and text; `credit` is the agency that the item credits ("AFP"), or null. `baseline`: it was there when its
    feed was first read.
    """

    id: str
    text: str
    title: str = ""
    feed_id: str = ""
    guid: str = ""
    url: str = ""
    published: datetime | None = None
    seen_at: datetime | None = None
    language: str | None = None
    country: str | None = None
    fingerprint: str = ""
    credit: str | None = None
    hints: Hints = Hints()
    exercise: bool = False
    baseline: bool = False


# -------------------------------------------------------------------------------- understanding (analyse.md)


@dataclass(frozen=True, slots=True)
class Alternative:
    """Another candidate for a place, worth a person's look."""

    id: str
    name: str
    country: str | None
    confidence: float


@dataclass(frozen=True, slots=True)
class Place:
    """A place, mentioned or named in the configuration; keys as PLACE in analyse.md, without where it stands.

    `lat`, `lon` in degrees WGS 84, both or neither; `admin1` is a name; `parent` the city's gazetteer id for a
    facility or airport, where known. `confidence` 0..1 that this is the right place. An airport of somebody's journey
    has its `iata` code and the name of its `city`, by which people know it; so has a quarter or a building that an
    article says to be in one. `uncertainty_km`: how far the true point may lie, where it is known better than by the
    kind ("20 km south of", a village somewhere in a district).
    """

    kind: PlaceKind
    id: str | None = None
    name: str | None = None
    lat: float | None = None
    lon: float | None = None
    country: str | None = None
    admin1: str | None = None
    confidence: float = 1.0
    alternatives: tuple[Alternative, ...] = ()
    parent: str | None = None
    iata: str | None = None
    city: str | None = None
    uncertainty_km: float | None = None


@dataclass(frozen=True, slots=True)
class Mention:
    """A place as it stands in an article: `[start, end)` in code points of `field`, which is "title" or "text"."""

    field: str
    start: int
    end: int
    surface: str
    place: Place


@dataclass(frozen=True, slots=True)
class Count:
    """A number of people over the sources quoted; `max` null is "at least min", `min` null "at most max"."""

    min: int | None
    max: int | None


@dataclass(frozen=True, slots=True)
class Actor:
    """Somebody in an incident.

    `role`: perpetrator, target, victim. `attribution`: stated, claimed, suspected, denied.
    """

    name: str
    role: str
    attribution: str = "stated"


@dataclass(frozen=True, slots=True)
class Claim:
    """Who says what; the span is the quote.

    `says`: responsibility, denial, killed, injured, abducted, cause, control.
    """

    by: str
    says: str
    value: str
    field: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Instruction:
    """What somebody told people to do; `kind` is an order.* code; always attributed, never our own order."""

    kind: str
    issuer: str | None
    audience: str | None
    quote: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """The span that shows a field of a report; `of` is the key shown ("hazard", "place", "killed" …)."""

    field: str
    start: int
    end: int
    of: str


@dataclass(frozen=True, slots=True)
class Report:
    """One article's account of one incident, as REPORT in analyse.md.

    `start` and `end` are what the text tells: an ISO date, or an instant with the place's own offset. `place` carries
    the Mention's facts. `quote` is the sentence of the trigger, for people to read.
    """

    hazard: str
    phase: Phase
    severity: Severity
    urgency: Urgency
    certainty: Certainty
    place: Mention | None = None
    precision: Precision | None = None
    uncertainty_km: float | None = None
    start: str | None = None
    end: str | None = None
    acled: str | None = None
    killed: Count | None = None
    injured: Count | None = None
    abducted: Count | None = None
    actors: tuple[Actor, ...] = ()
    claims: tuple[Claim, ...] = ()
    instructions: tuple[Instruction, ...] = ()
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True)
class Analysis:
    """What `analyse` answers for one article: places in reading order, reports as analyse.md orders them."""

    language: str
    places: tuple[Mention, ...] = ()
    reports: tuple[Report, ...] = ()


@dataclass(frozen=True, slots=True)
class Hazard:
    """One row of seeds/hazards.yaml. `kin` are codes that early reports confuse it with.

    `areal`: it holds for the whole area that it names (an order, a closed border), so that one known "in Mali" touches
    everybody there; of an attack "in Mali" that is not so.
    """

    code: str
    cap: str
    severity: Severity
    reach_km: float
    ttl_h: float
    acled: str | None = None
    oet: str | None = None
    muc: str | None = None
    kin: tuple[str, ...] = ()
    areal: bool = False


# -------------------------------------------------------------------------------------------------- incidents


@dataclass(frozen=True, slots=True)
class SourcedReport:
    """A Report with where it came from, as an Incident keeps it.

    `origin` is the same for wire copies and near-duplicates of one story; `quotes` holds, for the spans of
    `report.evidence`, the words as they stand; `sentence` the trigger's sentence. `terms` are the article's telling
    words with their weights and `signature` its MinHash, both made by `correlate` to compare with later articles.
    `withdrawn`: the article no longer says so. `rank` counts the article's reports from 0, as it tells them.
    `baseline`: the article was there when its feed was first read.
    """

    id: str
    article_id: str
    feed_id: str
    origin: str
    reliability: Reliability
    official: bool
    seen_at: datetime
    report: Report
    published: datetime | None = None
    url: str = ""
    title: str = ""
    sentence: str = ""
    credit: str | None = None
    language: str = "en"
    exercise: bool = False
    signature: str = ""
    terms: tuple[tuple[str, float], ...] = ()
    withdrawn: bool = False
    rank: int = 0
    baseline: bool = False


@dataclass(frozen=True, slots=True)
class Consequence:
    """A closure, order or cut tied to an Incident, with a phase and end of its own.

    `status` tells its ends apart as an Incident's does: a source said that it is over, or nobody spoke of it any more.
    """

    hazard: str
    phase: Phase
    severity: Severity
    place: Place | None
    since: datetime
    last_report_at: datetime
    ended_at: datetime | None = None
    instructions: tuple[Instruction, ...] = ()
    status: IncidentStatus = IncidentStatus.OPEN


@dataclass(frozen=True, slots=True)
class Incident:
    """The thing that happened, grown from reports; one main hazard and its consequences.

    `id` is COUNTRY-YEAR-MMDD-n ("ML-2024-0917-1", XX where no country is known). `place` null: it is known of, but not
    where. `credibility` is the Admiralty 1-6, from independent origins. `start` the local day or instant told.
    `previous` is the ended incident that this one starts again; `merged_into` the older one that this one, cancelled,
    turned out to be.
    """

    id: str
    hazard: str
    phase: Phase
    severity: Severity
    urgency: Urgency
    certainty: Certainty
    opened_at: datetime
    last_report_at: datetime
    reports: tuple[SourcedReport, ...]
    place: Place | None = None
    precision: Precision | None = None
    uncertainty_km: float | None = None
    start: str | None = None
    status: IncidentStatus = IncidentStatus.OPEN
    ended_at: datetime | None = None
    consequences: tuple[Consequence, ...] = ()
    killed: Count | None = None
    injured: Count | None = None
    abducted: Count | None = None
    actors: tuple[Actor, ...] = ()
    claims: tuple[Claim, ...] = ()
    instructions: tuple[Instruction, ...] = ()
    origins: int = 1
    credibility: int = 6
    previous: str | None = None
    exercise: bool = False
    merged_into: str | None = None

    @property
    def is_baseline(self) -> bool:
        """Whether nothing tells it but what was there when feeds were first read."""
        live = [each for each in self.reports if not each.withdrawn]
        return bool(live) and all(each.baseline for each in live)


@dataclass(frozen=True, slots=True)
class Window:
    """Which stored incidents `correlate` wants to see for a report: in time `[since, until)`, in space a circle.

    `lat` null means "anywhere in `country`", both null "anywhere". The store may answer more, never less.
    """

    since: datetime
    until: datetime
    lat: float | None = None
    lon: float | None = None
    radius_km: float | None = None
    country: str | None = None


# ----------------------------------------------------------------------------------------------- people, rules


@dataclass(frozen=True, slots=True)
class Contact:
    """How to reach somebody; shown to nobody but the desk."""

    email: str | None = None
    phone: str | None = None


@dataclass(frozen=True, slots=True)
class StaffLocation:
    """Who is where between when and when: `[start, end)`, null for unbounded.

    `kind`: office, residence, home, stay, flight, transit … ; `person` null for a site itself. A flight has `airports`
    (in order of passage, the first at `start`, the last at `end`) and no place; `label` names it to people ("Bamako
    office", "AF521 BKO-CDG").
    """

    id: str
    kind: str
    label: str
    person: str | None = None
    place: Place | None = None
    airports: tuple[Place, ...] = ()
    start: datetime | None = None
    end: datetime | None = None
    groups: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Person:
    """One of the staff; `id` is what logs and webhooks show, the name is resolved at delivery."""

    id: str
    name: str
    groups: tuple[str, ...] = ()
    language: str | None = None
    timezone: str = "UTC"
    contact: Contact = Contact()
    digest: Digest | None = None


@dataclass(frozen=True, slots=True)
class Desk:
    """Who answers for groups of staff; the first desk is the default."""

    id: str
    groups: tuple[str, ...] = ()
    language: str = "en"
    timezone: str = "UTC"
    contact: Contact = Contact()


@dataclass(frozen=True, slots=True)
class Staff:
    """Everybody the operator answers for, and where they are."""

    people: tuple[Person, ...] = ()
    locations: tuple[StaffLocation, ...] = ()
    desks: tuple[Desk, ...] = ()


@dataclass(frozen=True, slots=True)
class When:
    """Which incidents a rule is about. `hazards` are codes or families; empty tuples mean any."""

    hazards: tuple[str, ...] = ()
    phases: tuple[Phase, ...] = ()
    severity_at_least: Severity | None = None
    certainty_at_least: Certainty | None = None
    reliability_at_least: Reliability | None = None
    credibility_at_least: int | None = None


@dataclass(frozen=True, slots=True)
class Reach:
    """Whom a rule touches: any one of these suffices. Areas are "city", "admin1", "country".

    `within_km` maps a severity to km or to an area; a plain number in YAML stands for all severities.
    """

    within_km: tuple[tuple[Severity, float | str], ...] = ()
    same: tuple[str, ...] = ()
    flying_through_h: float | None = None
    arriving_within_h: float | None = None


@dataclass(frozen=True, slots=True)
class QuietHours:
    """Local times "HH:MM" between which messages under `except_at_least` are held till the end of the night."""

    start: str
    end: str
    except_at_least: Severity = Severity.EXTREME


@dataclass(frozen=True, slots=True)
class Digest:
    """When somebody reads what is under `except_at_least` in one message: at "HH:MM" by their own clock.

    Each day, or on one `weekday` (0 Monday … 6 Sunday) where that is not null.
    """

    at: str
    weekday: int | None = None
    except_at_least: Severity = Severity.SEVERE


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of rules.yaml. `groups` empty means everybody; `advise` names a template; `via` channel ids.

    `send_after` null: at once; otherwise the desk is asked first and travellers are told after it, unless stopped.
    `settle`: how long an incident is known before people hear of it first, null for the default of the settings.
    `repeat`: after how long they are reminded of what lasts, null for never.
    """

    id: str
    when: When
    reach: Reach
    advise: str
    via: tuple[str, ...]
    groups: tuple[str, ...] = ()
    quiet_hours: QuietHours | None = None
    send_after: timedelta | None = None
    settle: timedelta | None = None
    repeat: timedelta | None = None
    digest: Digest | None = None
    escalate: Escalation | None = None


@dataclass(frozen=True, slots=True)
class Escalation:
    """Who is called, one after another, when somebody does not answer: every `after` the next of `to`.

    `to` are recipients ("person:<id>", "desk:<id>"), or "desk" for the one that answers for them.
    """

    after: timedelta
    to: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Gate:
    """One step of a decision, kept so that it can be explained: passed or not, with value and threshold in words."""

    name: str
    passed: bool
    value: str
    threshold: str


@dataclass(frozen=True, slots=True)
class Exposure:
    """An Incident reaching a StaffLocation under a Rule, with the numbers that made it so.

    `hazard` is the main hazard's or the consequence's code that the rule matched. `via` says it in words
    ("site bamako-office", "flight AF521 from BKO"). `starts_at` is when it begins to hold, if in the future. For a
    flight, `airport_id` and `passes_at` are where and when it meets the hazard. `begins_at` is when somebody arrives at
    a place who is not there yet.
    """

    incident_id: str
    rule_id: str
    hazard: str
    location_id: str
    person_id: str | None
    via: str
    distance_km: float | None = None
    starts_at: datetime | None = None
    gates: tuple[Gate, ...] = ()
    airport_id: str | None = None
    passes_at: datetime | None = None
    begins_at: datetime | None = None


# ------------------------------------------------------------------------------------------------- advisories


@dataclass(frozen=True, slots=True)
class Advisory:
    """What is said to one recipient about an Incident, at one version of the conversation.

    `recipient` is "person:<id>", "desk:<id>" or "hook:<channel>"; `version` counts the messages of this thread from
    1. `incident` is as it was when this was decided, so that a late attempt says what was decided. `exposures` are
    the recipient's own (a desk's: all). `changed` says in which fields it differs from what was said before, `was` what
    those fields said then. For a desk only: `near` are places not reached, each with the gate that failed, `told` the
    recipients told of it (in shadow: who would have been), `later` those of them who are told later, with when, the
    first of them at `travellers_at`; `settling` where that is because it is not known for long enough, and no message
    waits yet. `unconfirmed`: the worst is told by one origin alone, and the message says so before everything else.
    `unheard`: nothing of the incident reached the recipient before. `digest`: it is one entry of a digest. `ceiling`,
    for a desk: the gate that holds those in `held` back. `held_back`, set when it is written: how many more wait behind
    a ceiling, messages for this person, or for a desk incidents.
    """

    id: str
    incident: Incident
    recipient: str
    version: int
    msg_type: MsgType
    reason: Reason
    template: str
    rule_ids: tuple[str, ...]
    decided_at: datetime
    hazard: str
    phase: Phase
    severity: Severity
    exposures: tuple[Exposure, ...] = ()
    changed: tuple[str, ...] = ()
    expires_at: datetime | None = None
    shadow: bool = False
    unconfirmed: bool = False
    was: tuple[tuple[str, str], ...] = ()
    near: tuple[Exposure, ...] = ()
    told: tuple[str, ...] = ()
    travellers_at: datetime | None = None
    later: tuple[tuple[str, datetime], ...] = ()
    settling: bool = False
    unheard: bool = False
    digest: bool = False
    ceiling: str = ""
    held: tuple[str, ...] = ()
    held_back: int = 0
    about: str | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What somebody said of themselves about an incident, or an officer for them.

    `way`: link, webhook or officer; `by` the account or channel that said it, null where they did themselves.
    """

    incident_id: str
    person_id: str
    wellbeing: Wellbeing
    at: datetime
    way: str
    by: str | None = None


@dataclass(frozen=True, slots=True)
class Wording:
    """What a delivery says, before a channel gives it its form; `payload` is the webhook body, one JSON object.

    `text` is the plain part, `html` the other; `subject` one clean line; `language` the one it is written in.
    """

    subject: str
    text: str
    html: str
    payload: str
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Rendered:
    """The bytes of a delivery, made once at its first attempt, so that every attempt sends the same."""

    content_type: str
    body: bytes
    subject: str = ""


@dataclass(frozen=True, slots=True)
class Delivery:
    """One Advisory version (or several, grouped; the first leads) to one recipient by one channel.

    `id` is the key that every attempt carries (`webhook-id`, `Message-ID`). `thread` is shared by the messages of one
    incident to one recipient by one channel. Severe goes before Minor when several are due.
    """

    id: str
    channel: str
    recipient: str
    thread: str
    severity: Severity
    created_at: datetime
    due_at: datetime
    advisory_ids: tuple[str, ...]
    expires_at: datetime | None = None
    state: DeliveryState = DeliveryState.PENDING
    attempts: int = 0
    previous: str | None = None
    last_error: str | None = None


# How the words begin that a cancelled delivery keeps where its message may still be said: it was taken back for now
WITHHELD = "withheld"


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one attempt ended. Pending means: try again, not before `retry_at` (null: the channel's own schedule)."""

    state: DeliveryState
    detail: str
    retry_after_s: float | None = None


@dataclass(frozen=True, slots=True)
class Baseline:
    """What feeds held when they were first read: articles by feed id, and the incidents that nothing else tells."""

    feeds: tuple[tuple[str, int], ...]
    incidents: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Alarm:
    """Something that is amiss with the service itself, as the desks are told of it; `over` once it no longer is.

    `items` are what it is about (feeds, channels, jobs, rows), `figure` is how much.
    """

    condition: str
    at: datetime
    items: tuple[str, ...] = ()
    figure: int = 0
    since: datetime | None = None
    over: bool = False


@dataclass(frozen=True, slots=True)
class Decision:
    """Why a recipient was told or not about an incident, as the store keeps it for `explain`."""

    incident_id: str
    recipient: str
    at: datetime
    verdict: str
    gates: tuple[Gate, ...] = ()
    advisory_id: str | None = None


# --------------------------------------------------------------------------------------- what keeps messages back


@dataclass(frozen=True, slots=True)
class Matcher:
    """What a silence or an inhibition is about: every field that is given must hold, any one value of it suffices.

    `hazards` are codes or families, `recipients` as in Advisory; `place` stands for all within `within_km` of it, a
    country or province for all inside it.
    """

    incidents: tuple[str, ...] = ()
    hazards: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    recipients: tuple[str, ...] = ()
    place: Place | None = None
    within_km: float = 25.0
    severity_at_least: Severity | None = None


@dataclass(frozen=True, slots=True)
class Silence:
    """What an officer does not want to be told anew, in `[created_at, until)`, with name and reason.

    What is Extreme is told nevertheless, unless `mutes_extreme`. `ended_at`, `ended_by`, `ended_why`: if ended early.
    """

    id: str
    matcher: Matcher
    created_at: datetime
    until: datetime
    author: str
    reason: str
    mutes_extreme: bool = False
    ended_at: datetime | None = None
    ended_by: str | None = None
    ended_why: str | None = None


@dataclass(frozen=True, slots=True)
class Inhibition:
    """While somebody knows of a `source`, they are not told anew of a `target`.

    `equal`: "person" (who is told of the target was told of the source), "country", "admin1", "city" (both lie there).
    """

    id: str
    source: Matcher
    target: Matcher
    equal: tuple[str, ...] = ("person",)
    except_at_least: Severity = Severity.EXTREME


@dataclass(frozen=True, slots=True)
class Ceilings:
    """How much may be new within an hour: messages to one person, incidents that anybody is told of.

    `person_except` is told whatever the person was told before. `desk` are incidents that no good source vouches for,
    of which nobody but a desk reads.
    """

    person: int = 10
    incidents: int = 20
    desk: int = 20
    person_except: Severity = Severity.EXTREME


@dataclass(frozen=True, slots=True)
class Admission:
    """That a recipient is told of an incident for the first time, or waits for it behind a ceiling.

    `stand`: "told" by the program itself at `due_at`, "waiting" since `since`, "released" by an officer. `due_at` of
    what waits is when it would have been sent.
    """

    incident_id: str
    recipient: str
    advisory_id: str
    severity: Severity
    due_at: datetime
    since: datetime
    stand: str = "told"


# ------------------------------------------------------------------------------------------------ configuration


class Secrets:
    """Named secrets that hide themselves in every repr and log."""

    __slots__ = ("_values",)

    def __init__(self, values: dict[str, str] | None = None) -> None:
        """Keep a copy."""
        self._values = dict(values or {})

    def __getitem__(self, name: str) -> str:
        """The secret of that name; KeyError where there is none."""
        return self._values[name]

    def __contains__(self, name: str) -> bool:
        """Whether it is set."""
        return name in self._values

    def __repr__(self) -> str:
        """Only the names."""
        return f"Secrets({', '.join(sorted(self._values))})"


@dataclass(frozen=True, slots=True)
class Channel:
    """One way out, as channels.yaml names it. `kind`: smtp, webhook, file. `audience`: person, desk, system.

    `options` are the kind's own settings as text; a secret is never in a repr.
    """

    id: str
    kind: str
    audience: str
    options: tuple[tuple[str, str], ...] = ()
    secrets: Secrets = field(default_factory=Secrets)
    allow_private: bool = False
    fallback: str | None = None


class Role(StrEnum):
    """What somebody may do on the page, least first: look; decide; and look after the program itself."""

    VIEWER = "viewer"
    OFFICER = "officer"
    ADMIN = "admin"

    @property
    def rank(self) -> int:
        """0 for viewer up to 2 for admin."""
        return list(Role).index(self)


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody who may log in to the page; `password` is an argon2 hash, null for whom the proxy alone vouches."""

    name: str
    role: Role
    password: str | None = field(default=None, repr=False)
    language: str | None = None
    timezone: str = "UTC"


@dataclass(frozen=True, slots=True)
class Access:
    """Who may use the page. `proxy_header` is believed from the addresses `proxy_from` alone.

    More than `two_people_above` messages to people at once need a second person; null: never.
    """

    accounts: tuple[Account, ...] = ()
    proxy_from: tuple[str, ...] = ()
    proxy_header: str | None = None
    two_people_above: int | None = None


@dataclass(frozen=True, slots=True)
class Listener:
    """Where something is served; `url` is how browsers reach it, where that differs (behind a proxy)."""

    host: str = "127.0.0.1"
    port: int = 8470
    url: str | None = None
    enabled: bool = True


@dataclass(frozen=True, slots=True)
class Watch:
    """When the service says that something is wrong with itself, and where monitoring may ask.

    `ping_url` is fetched every `ping_every` while nothing hangs. A duration is how long something may last unsaid;
    `disk_free_mb` is what must be free beside the store.
    """

    listener: Listener = Listener(port=8472, enabled=False)
    ping_url: str | None = field(default=None, repr=False)
    ping_every: timedelta = timedelta(minutes=1)
    news_quiet: timedelta = timedelta(hours=6)
    feed_quiet: timedelta = timedelta(days=30)
    feed_failing: timedelta = timedelta(days=1)
    outbox_late: timedelta = timedelta(minutes=15)
    reading_late: timedelta = timedelta(minutes=10)
    clock_jump: timedelta = timedelta(minutes=1)
    disk_free_mb: float = 500.0


@dataclass(frozen=True, slots=True)
class Retention:
    """How long each class of what is kept is kept; of an incident, since it was over and last heard of.

    `people`: whom it touched and where they were. `messages`: what was said, sent and answered, to the byte. `journal`:
    the details of its rows; the rows themselves stay.
    """

    people: timedelta = timedelta(days=90)
    messages: timedelta = timedelta(days=365)
    articles: timedelta = timedelta(days=90)
    incidents: timedelta = timedelta(days=730)
    journal: timedelta = timedelta(days=1095)


@dataclass(frozen=True, slots=True)
class Answering:
    """How people answer: links lead to `url`, hold for `lasts`, and are signed with a key that the store keeps.

    `secrets` holds "key" where the operator gave one instead.
    """

    url: str
    lasts: timedelta = timedelta(days=7)
    secrets: Secrets = field(default_factory=Secrets)


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that the operator decided, checked and resolved: places have coordinates, secrets are read.

    `mode`: live or shadow (every message goes to the desk alone, marked with who would have got it). Folders are
    absolute paths as text. `store_url` is an SQLAlchemy URL.
    """

    store_url: str
    feeds: tuple[Feed, ...] = ()
    staff: Staff = Staff()
    rules: tuple[Rule, ...] = ()
    channels: tuple[Channel, ...] = ()
    mode: str = "live"
    organisation: str = "advisord"
    answering: Answering | None = None
    answers: Listener = Listener(port=8471, enabled=False)
    user_agent_contact: str | None = None
    config_dir: str = ""
    templates_dirs: tuple[str, ...] = ()
    seeds_dirs: tuple[str, ...] = ()
    settle: timedelta = timedelta()
    retention: Retention = Retention()
    page: Listener = Listener()
    access: Access = Access()
    inhibitions: tuple[Inhibition, ...] = ()
    ceilings: Ceilings = Ceilings()
    watch: Watch = Watch()
