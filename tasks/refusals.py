from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Reason(TextChoices):
    """Why an action of this app says no."""

    FULL = "FULL", _("All places are taken.")
    BEGUN = "BEGUN", _("This shift has already begun.")
    NOT_OPEN_YET = "NOT_OPEN_YET", _("This can be claimed from %(time)s.")
    NOT_OPEN = "NOT_OPEN", _("This is no longer open.")
    NOT_CHECKED_IN = "NOT_CHECKED_IN", _("First check in to the community you live in; it takes one form.")
    NOT_IN_AUDIENCE = "NOT_IN_AUDIENCE", _("This is for members who live in %(audience)s.")
    OVERLAP = "OVERLAP", _("It overlaps with your “%(task)s”, %(time)s.")
    ELSEWHERE = "ELSEWHERE", _("At that time %(name)s was at “%(task)s”, %(time)s.")
    TOO_MANY = "TOO_MANY", _("You already hold %(n)s places to come. One more is possible once one is done.")
    NEEDS_SKILL = (
        "NEEDS_SKILL",
        _("These places are for who can do “%(skill)s”. If you can, add it to your profile and try again."),
    )
    FIRST_FOR_OTHERS = (
        "FIRST_FOR_OTHERS",
        _("Until %(time)s this is for members who still lack flags this year. After that it is open to you."),
    )
    TOO_FEW_PLACES = "TOO_FEW_PLACES", _("You need %(wanted)s places, and %(free)s are free.")
    TOO_MANY_COMPANIONS = "TOO_MANY_COMPANIONS", _("You can bring at most %(most)s companions.")
    NO_COMPANIONS = "NO_COMPANIONS", _("No companions can be brought here.")
    STILL_FREE = "STILL_FREE", _("Places are free: take one, there is no need to wait.")
    NO_WAITING_LIST = "NO_WAITING_LIST", _("There is no waiting list here.")
    NOT_OFFERED = "NOT_OFFERED", _("No place is offered to you here.")
    OFFER_OVER = "OFFER_OVER", _("The offer lasted until %(time)s; the place has gone to the next in the list.")
    NOT_ASKED = "NOT_ASKED", _("Nothing is asked of you here.")
    NO_STAND_IN_NEEDED = "NO_STAND_IN_NEEDED", _("Places are free: just give yours back.")
    STAND_IN_OF_A_GROUP = "STAND_IN_OF_A_GROUP", _("This place is your group's: decline it, and its leader fills it.")
    NOT_THE_LEADER = "NOT_THE_LEADER", _("Only the group's leader can do that.")
    NOT_IN_THE_GROUP = "NOT_IN_THE_GROUP", _("%(name)s has not agreed to belong to this group.")
    NOT_OF_THE_COMMUNITY = "NOT_OF_THE_COMMUNITY", _("%(name)s does not live in %(community)s.")
    NOBODY_NAMED = "NOBODY_NAMED", _("Choose for whom the places are.")
    HAS_A_PLACE = "HAS_A_PLACE", _("%(name)s has a place there already.")
    WAITS_THERE = "WAITS_THERE", _("%(name)s is on the waiting list there already.")
    NOT_FIT = "NOT_FIT", _("%(name)s cannot come: %(why)s")
    GROUP_CLAIMED_ALREADY = "GROUP_CLAIMED_ALREADY", _("Your group has claimed places there already.")
    GROUP_TOO_LARGE = "GROUP_TOO_LARGE", _("You need %(wanted)s places, and this shift has %(all)s in all.")
    GROUP_OFFER = "GROUP_OFFER", _("This place is offered to your group: its leader accepts it for all.")
    NOT_FOR_GROUPS = "NOT_FOR_GROUPS", _("Groups cannot claim here: each member agrees on a time with the resident.")
    NO_PLACE_KEPT = "NO_PLACE_KEPT", _("No place is kept for your group any more.")
    GROUP_NAME_MISSING = "GROUP_NAME_MISSING", _("Give the group a name.")
    LEADER_MISSING = "LEADER_MISSING", _("Choose who is to lead the group.")
    GROUP_NAME_TAKEN = "GROUP_NAME_TAKEN", _("This community has a group of that name already.")
    IN_THE_GROUP_ALREADY = "IN_THE_GROUP_ALREADY", _("%(name)s is in the group already, or has been invited.")
    NOT_INVITED = "NOT_INVITED", _("You are not invited to this group.")
    LEADER_STAYS = "LEADER_STAYS", _("The leader cannot leave the group before somebody else has agreed to lead it.")
    OWN_WISH = "OWN_WISH", _("This is your own wish: somebody else has to fulfil it.")
    WITHDRAWAL_NEEDS_REASON = (
        "WITHDRAWAL_NEEDS_REASON",
        _("It begins soon: tell the community in a few words why you cannot come."),
    )
    HANDING_BACK_NEEDS_REASON = (
        "HANDING_BACK_NEEDS_REASON",
        _("Say in a few words why you hand it back: the community looks for somebody else."),
    )
    CONTACT_CLOSED = "CONTACT_CLOSED", _("Name and phone of the resident are shown only while you help with the wish.")
    HOURS_ARE_FIXED = "HOURS_ARE_FIXED", _("The hours of this shift are fixed; there is nothing to agree on.")
    REPORTED_ALREADY = "REPORTED_ALREADY", _("This has been reported as done already.")
    TIME_BACKWARDS = "TIME_BACKWARDS", _("The end has to come after the beginning.")
    TIME_TOO_LONG = "TIME_TOO_LONG", _("At most %(hours)s hours at a time.")
    TIME_PAST = "TIME_PAST", _("%(time)s is over. Choose a time to come.")
    TIME_TO_COME = "TIME_TO_COME", _("%(time)s is still to come. Say when it was done.")
    AFTER_THE_LAST_DAY = "AFTER_THE_LAST_DAY", _("It is to be done by %(day)s. Choose an earlier time.")
    BEFORE_THE_CLAIM = "BEFORE_THE_CLAIM", _("It was taken on %(day)s and cannot have been done before.")
    WHEN_MISSING = "WHEN_MISSING", _("Say when it was done.")
    WORDS_MISSING = "WORDS_MISSING", _("Say in a few words what was done.")
    PHOTO_NOT_TAKEN = "PHOTO_NOT_TAKEN", _("Of a fulfilled wish at most %(most)s photo is kept.")
    NO_WISH_TO_SHOW = "NO_WISH_TO_SHOW", _("There is no wish here that a photo could show fulfilled.")
    TITLE_MISSING = "TITLE_MISSING", _("Give it a title, so that you find it again.")
    FIELD_MISSING = "FIELD_MISSING", _("Fill in “%(field)s” before it is published.")
    NOT_A_DRAFT = "NOT_A_DRAFT", _("This is no draft any more.")
    BELOW_TAKEN = (
        "BELOW_TAKEN",
        _("%(taken)s places are taken, by %(names)s. Fewer places are possible once some are given back."),
    )
    SHIFT_OVER = "SHIFT_OVER", _("This shift has begun or is over: it can no longer be changed.")
    BY_AGREEMENT = "BY_AGREEMENT", _("Here member and resident agree on the time; there are no hours to set.")
    LAST_SHIFT = "LAST_SHIFT", _("It is the only shift: cancel the task instead.")
    NO_FIXED_HOURS = "NO_FIXED_HOURS", _("Its time is by agreement: there are no hours to copy or repeat.")
    SHIFT_DAY_TAKEN = "SHIFT_DAY_TAKEN", _("On %(day)s it is repeated already.")
    NO_DAY_CHOSEN = "NO_DAY_CHOSEN", _("Choose at least one day.")
    NOT_PASSED_DOWN = "NOT_PASSED_DOWN", _("This task is not one that communities host.")
    NO_OWN_SHIFTS = "NO_OWN_SHIFTS", _("What communities host has no shifts of its own.")
    HOST_BY_PAST = "HOST_BY_PAST", _("The day by which it is hosted must be to come, and at most a year ahead.")
    AFTER_HOST_BY = "AFTER_HOST_BY", _("The city asks for it by %(day)s. Choose an earlier day.")
    ONLY_COMMUNITIES_HOST = "ONLY_COMMUNITIES_HOST", _("Communities host what the city passes down.")
    NOBODY_TO_REMIND = "NOBODY_TO_REMIND", _("Every community hosts it, or has been reminded today.")
    FIRST_MINUTES = "FIRST_MINUTES", _("At most the first %(most)s minutes.")
    NO_SHIFT = "NO_SHIFT", _("Give at least one shift.")
    SHIFT_BACKWARDS = "SHIFT_BACKWARDS", _("A shift has to end after it begins.")
    SHIFT_PAST = "SHIFT_PAST", _("The shift of %(time)s has already begun. Choose a time to come.")
    SHIFT_TOO_FAR = "SHIFT_TOO_FAR", _("A shift can be at most a year ahead.")
    SHIFTS_OVERLAP = "SHIFTS_OVERLAP", _("Two shifts of the same task overlap: nobody could tell them apart.")
    OPENS_TOO_LATE = "OPENS_TOO_LATE", _("It opens on %(time)s, when a shift has already begun: nobody could claim it.")
    CAPACITY = "CAPACITY", _("A shift has between 1 and %(most)s places.")
    COMPANIONS = "COMPANIONS", _("A member may bring at most %(most)s companions.")
    FLAG_VALUE = "FLAG_VALUE", _("Here a task is worth between 1 and %(most)s flags.")
    FOREIGN_AUDIENCE = "FOREIGN_AUDIENCE", _("You cannot publish to %(audience)s.")
    NOT_WIDER = "NOT_WIDER", _("%(audience)s is no wider than those it is for now.")
    JUSTIFICATION_MISSING = (
        "JUSTIFICATION_MISSING",
        _("“%(line)s” is on the boundary list: say in writing why it needs volunteers."),
    )
    NAMES_RESIDENT = "NAMES_RESIDENT", _("The text says who asked: take out “%(words)s” before everyone can read it.")
    WISH_NOT_READY = "WISH_NOT_READY", _("This wish cannot be published now.")
    WISHES_TOGETHER = "WISHES_TOGETHER", _("At most %(most)s wishes can become one activity.")
    WISH_PLACES = "WISH_PLACES", _("Between 1 and %(most)s members can take on one wish.")
    LAST_DAY = "LAST_DAY", _("The last day must be today or later, and at most a year ahead.")
    REASON_MISSING = "REASON_MISSING", _("Say why, so that the people concerned understand.")
    QUESTION_MISSING = "QUESTION_MISSING", _("Write the question that the resident is to answer.")
    VERIFIED_ALREADY = "VERIFIED_ALREADY", _("That is noted already.")
    MERGED_INTO_ITSELF = "MERGED_INTO_ITSELF", _("A wish cannot be merged into itself.")
    MERGED_ELSEWHERE = "MERGED_ELSEWHERE", _("That wish was sent to another community.")
    MERGED_INTO_A_LATER = "MERGED_INTO_A_LATER", _("That wish came later. Merge it into this one instead.")
    MERGED_INTO_AN_ENDED = (
        "MERGED_INTO_AN_ENDED",
        _("That wish leads no further: its state is “%(state)s”. Choose one that goes on."),
    )
    TEMPLATE_MISSING = "TEMPLATE_MISSING", _("Write the words that are to be kept.")
    WORDS_KEPT_ALREADY = "WORDS_KEPT_ALREADY", _("These words are there already.")
    NO_WAY_TO_REACH = "NO_WAY_TO_REACH", _("Write down a phone, or another way to reach them.")
    THANKS_MISSING = "THANKS_MISSING", _("Write the words that the members are to read.")
    THANKED_ALREADY = "THANKED_ALREADY", _("The thanks have been passed on already.")
    NOBODY_TO_THANK = "NOBODY_TO_THANK", _("Nobody stands on the list who could be thanked.")
    TASKS_OPEN = "TASKS_OPEN", _("Tasks published there are open: %(n)s. Call them off, or wait until they are over.")
    WISHES_UNFINISHED = "WISHES_UNFINISHED", _("Wishes there are unfinished: %(n)s. Fulfil or decline them first.")
    SHIFTS_UNCONFIRMED = "SHIFTS_UNCONFIRMED", _("Shifts there await confirmation: %(n)s. Confirm them first.")
    COMMUNITY_CLOSED = "COMMUNITY_CLOSED", _("This community no longer takes wishes.")
    PHONE_MISSING = "PHONE_MISSING", _("Enter your mobile phone, so that the community can reach you.")
    CONSENT_MISSING = (
        "CONSENT_MISSING",
        _("You ask for somebody else: ask that person first, then say here that they agree."),
    )
    NAMED_ANOTHER = "NAMED_ANOTHER", _("You have named somebody else: choose that above, or empty this.")
    FOREIGN_COMPOUND = "FOREIGN_COMPOUND", _("This compound is not part of %(community)s.")
    TOO_MANY_WISHES = (
        "TOO_MANY_WISHES",
        _(
            "With this phone %(n)s wishes were sent within a day. Call the community: it writes the next one down for you."
        ),
    )
    TOO_MANY_PHOTOS = (
        "TOO_MANY_PHOTOS",
        _(
            "Send at most %(most)s photos; %(kept)s are kept with this form already. The new ones are not: choose fewer."
        ),
    )
    NO_PHOTOS_OF_MINORS = (
        "NO_PHOTOS_OF_MINORS",
        _("A wish for a child takes no photos. They have not been kept; send it once more without them."),
    )
    REPLY_MISSING = "REPLY_MISSING", _("Write your answer first.")
    NO_SUGGESTIONS_TAKEN = "NO_SUGGESTIONS_TAKEN", _("This community no longer takes suggestions.")
    TOO_MANY_SUGGESTIONS = (
        "TOO_MANY_SUGGESTIONS",
        _("Within a day %(n)s suggestions came from you. Send the next one tomorrow."),
    )
    OWN_SUGGESTION = "OWN_SUGGESTION", _("This is your own suggestion: somebody else in charge answers it.")
    ANSWER_MISSING = "ANSWER_MISSING", _("Write the answer, or the reasons, that the author reads.")
    OUTCOME_MISSING = "OUTCOME_MISSING", _("Say in a few words what came of it.")
    SUGGESTIONS_UNANSWERED = (
        "SUGGESTIONS_UNANSWERED",
        _("Suggestions there are unanswered: %(n)s. Answer them first."),
    )
    KEPT_ELSEWHERE = "KEPT_ELSEWHERE", _("Another account has taken this wish up already.")
    POST_SUBJECT_MISSING = "POST_SUBJECT_MISSING", _("Say which building or facility the post is for.")
    POST_THERE_ALREADY = "POST_THERE_ALREADY", _("There is such a post for “%(subject)s” already.")
    POST_TERM_MONTHS = "POST_TERM_MONTHS", _("A term lasts between 1 and %(most)s months.")
    POST_CLOSED = "POST_CLOSED", _("This post is closed.")
    POST_HELD = "POST_HELD", _("Somebody holds this post. You can apply once it is open again.")
    POST_NOT_HELD = "POST_NOT_HELD", _("Nobody holds this post at present.")
    POST_TAKEN = "POST_TAKEN", _("This post is held by somebody else by now.")
    NOT_THE_HOLDER = "NOT_THE_HOLDER", _("You do not hold this post.")
    NOBODY_ASKED = "NOBODY_ASKED", _("Nobody is asked at present.")
    ANSWER_FIRST = "ANSWER_FIRST", _("You are asked to take this post on: say yes or no to that.")
    APPLIED_ALREADY = "APPLIED_ALREADY", _("You have applied for this post already; the community decides.")
    ASKED_ALREADY = (
        "ASKED_ALREADY",
        _("Somebody has been named to follow already. Wait for the answer, or call it off."),
    )
    QUARTER_TO_COME = "QUARTER_TO_COME", _("This quarter is still to come: its log can be written from %(day)s.")
    NOT_HELD_THEN = "NOT_HELD_THEN", _("You did not hold this post in that quarter.")
    LOG_EMPTY = "LOG_EMPTY", _("Write both what you have seen and what was done.")
    POSTS_NOT_CLOSED = "POSTS_NOT_CLOSED", _("Red steward posts there are not closed: %(n)s. Close them first.")
    LOGS_UNCONFIRMED = (
        "LOGS_UNCONFIRMED",
        _("Logs of red stewards there await confirmation: %(n)s. Confirm or return them first."),
    )
    ACTIVITY_NONE = "ACTIVITY_NONE", _("It has no shift at fixed hours: there is no activity to report on.")
    ACTIVITY_CALLED_OFF = "ACTIVITY_CALLED_OFF", _("It was called off: there is no activity to report on.")
    ACTIVITY_TO_COME = "ACTIVITY_TO_COME", _("It is not over yet. You can write about it from %(time)s.")
    ACTIVITY_REPORTED = (
        "ACTIVITY_REPORTED",
        _("Somebody else has begun the report of this activity meanwhile. Open it, and add your words there."),
    )
    ACTIVITY_WORDS_MISSING = "ACTIVITY_WORDS_MISSING", _("Say in a few words how it went, before it is published.")
    ACTIVITY_WORDS_TOO_MANY = "ACTIVITY_WORDS_TOO_MANY", _("Say it in at most %(most)s characters.")
    SHOWN_MUST_AGREE = (
        "SHOWN_MUST_AGREE",
        _("Add photos only if those who can be recognised in them agree; then tick it. The photos are kept."),
    )
    NO_DAY_LIST = (
        "NO_DAY_LIST",
        _("Here each member agrees on a time with the resident: there is no day on which a list could be ticked."),
    )
    CALLED_OFF = "CALLED_OFF", _("This shift has been cancelled.")
    DAY_TO_COME = "DAY_TO_COME", _("The list can be ticked from %(time)s.")
    NOT_ON_THE_LIST = "NOT_ON_THE_LIST", _("A place that was ticked is not on this list.")
    TICKED_ONESELF = "TICKED_ONESELF", _("Your own place is for somebody else of the staff to tick.")
    CONFIRMED_MEANWHILE = (
        "CONFIRMED_MEANWHILE",
        _("%(name)s has been confirmed meanwhile; what you ticked is left out."),
    )
    NO_PLACE_ANY_MORE = "NO_PLACE_ANY_MORE", _("%(name)s has no place here any more; what you ticked is left out.")
    COMPANIONS_CAME = "COMPANIONS_CAME", _("Of companions at most %(most)s can be counted for each member.")
    PEOPLE_CAME = "PEOPLE_CAME", _("Of each kind at most %(most)s people can be counted.")
    WALK_IN_NOT_FOUND = "WALK_IN_NOT_FOUND", _("No member with an approved check-in has this number.")
    WALK_IN_ONESELF = "WALK_IN_ONESELF", _("Let somebody else of the staff add you.")
    WALK_IN_ELSEWHERE = "WALK_IN_ELSEWHERE", _("%(name)s has a place somewhere else at this time.")
    WALK_IN_OWN_WISH = "WALK_IN_OWN_WISH", _("%(name)s cannot be added: nobody serves a wish of their own.")
    DAY_SETTLED = "DAY_SETTLED", _("This shift is settled: nobody can be added any more.")
    NO_SIGN_IN = "NO_SIGN_IN", _("Nobody signs in by code here; the staff on the spot ticks who came.")
    CODE_FORGED = "CODE_FORGED", _("This is no code of ours. Scan the one that is shown on the spot.")
    CODE_EXPIRED = "CODE_EXPIRED", _("This code has changed since. Scan the one that is shown on the spot now.")
    SIGN_IN_TO_COME = "SIGN_IN_TO_COME", _("It is too early: sign in from %(time)s.")
    SIGN_IN_OVER = "SIGN_IN_OVER", _("It was until %(time)s. Tell the staff when you came and went.")
    NO_PLACE_HERE = "NO_PLACE_HERE", _("You have no place in this shift. Ask the staff on the spot: they can add you.")
    NOT_SIGNED_IN = "NOT_SIGNED_IN", _("You have not signed in, so there is nothing to sign out of.")
    PLACE_SETTLED = "PLACE_SETTLED", _("Your place is settled already; there is nothing more to do.")
    GROUP_DISSOLVED = "GROUP_DISSOLVED", _("This group has been dissolved.")
    JOINING_BY_INVITATION = "JOINING_BY_INVITATION", _("This group takes in only who is invited.")
    IN_THE_GROUP_YOURSELF = "IN_THE_GROUP_YOURSELF", _("You belong to this group already.")
    ANSWER_TO_JOIN_FIRST = "ANSWER_TO_JOIN_FIRST", _("%(name)s asks to join: say yes or no to that.")
    LEADS_ALREADY = "LEADS_ALREADY", _("%(name)s leads this group already.")
    NOBODY_LEADS = (
        "NOBODY_LEADS",
        _("Nobody leads this group at present, so nobody could answer. Find it a leader first."),
    )
    PROJECT_EMPTY = "PROJECT_EMPTY", _("Give it a name, and say what the group does and for whom.")
    PROJECT_THERE_ALREADY = "PROJECT_THERE_ALREADY", _("The group has a project of that name already.")
    PROJECT_NUMBERS = (
        "PROJECT_NUMBERS",
        _("It takes between 1 minute and a day, and between 1 and %(most)s people."),
    )
    PROJECT_NOT_OFFERED = "PROJECT_NOT_OFFERED", _("The group does not offer this at present.")
    REQUEST_EMPTY = "REQUEST_EMPTY", _("Say what the group is asked for.")
    REQUEST_WAITS = "REQUEST_WAITS", _("A group is asked about this wish already. Call that off first.")
    NOBODY_COMES = "NOBODY_COMES", _("Choose who of the group comes.")
    REQUESTS_OPEN = (
        "REQUESTS_OPEN",
        _("Requests to helper groups there are open: %(n)s. Make them tasks or call them off first."),
    )
    OWN_ASKING = "OWN_ASKING", _("You have asked yourself: somebody else answers that.")
    ANSWERED_BY_NOW = "ANSWERED_BY_NOW", _("This has been answered, or taken back, already.")
