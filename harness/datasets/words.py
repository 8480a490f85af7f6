"""Owns the words and the sentence patterns that `prose` fills.

A name in braces is another entry, or a figure. An underscore in a word is a space. Where a slot lists a
pattern twice, it is twice as likely.
"""

from collections.abc import Mapping

PATTERNS: Mapping[str, tuple[str, ...]] = {
    "sentence": (
        "{subject} {did} {object} {where}{end}",
        "{subject} {did} {object}, and {subject} {did} {object}{end}",
        "{when}, {subject} {did} {object}{end}",
        "{subject} {did} {object} because {subject} {felt} {quality}{end}",
        "\"{question}\" asked {who}, \"{remark}\"", "\"{remark}\" said {who}, {going} {where}.",
        "{subject}, who {felt} {quality}, {did} {object}{end}", "{question}", "{remark}",
        "the {thing} ({aside}) {felt} {quality}{end}", "{subject} {felt} {quality}; {subject} {felt} not.",
        "there {were} {number} {things} {where}, {number} of them {quality}{end}",
        "{who} paid {price} for {object} on {date}.", "from {time} to {time} {subject} {did} {object}.",
        "see {code} and {code}: {object}, {object} & {object}.",
        "{going} {where}, {subject} {did} {object}{end}",
        "it {felt} {quality} to see {object} {where}{end}", "{who}'s {thing} {did} {object} {where}{end}",
        "{number} {things} + {number} {things}: that's {price}/{unit}.",
        "if {subject} {did} {object}, {subject} {did} {object}{end}",
        "neither {object} nor {object} {did} {object}{end}", "on {date} {who} {did} {object}{end}",
    ),
    "subject": (
        "{who}", "the {thing}", "the {quality} {thing}", "{pronoun}", "{pronoun}",
        "a {quality}, {quality} {thing}", "{whose} {relation}", "{whose} {relation}", "everyone",
        "no {thing}", "some {things}", "{who} and {who}",
    ),
    "object": (
        "the {thing}", "a {quality} {thing}", "{whose} {thing}", "{number} {things}",
        "{whose} {quality} {things}", "the {thing} of {who}", "{who}", "the {things}",
        "{object} and {object}", "the {thing}'s {thing}", "a {adverb} {quality} {thing}",
        "the {compound} {thing}", "what {pronoun} {did}",
    ),
    "where": (
        "{place} the {thing}", "{place} the {quality} {thing}", "in {town}", "near {town}",
        "{place} {whose} {thing}", "{place} the {things}", "at {time}", "in {year}",
        "{place} {number} {street}", "{adverb}",
    ),
    "who": (
        "{first}", "{first}", "{first} {last}", "{title} {last}", "{capital}. {last}",
        "{capital}. {capital}. {last}", "{first} {last}-{last}", "old {last}",
    ),
    "title": (
        "Mr", "Mrs", "Miss", "Dr.", "Lady", "Lord", "Sir {first}", "Captain", "Professor", "Uncle", "Aunt",
    ),
    "date": (
        "{day} {month} {year}", "{month} {day}", "{weekday}, {day} {month}", "{day}/{month_number}/{year}",
        "{weekday}",
    ),
    "when": (
        "in {year}", "on {date}", "at {time}", "{adverb}", "by {month}", "after {number} {unit}s",
        "when {subject} {did} {object}",
    ),
    "number": ("{count}", "{count}", "{numeral}", "{numeral}", "{numeral}-and-{numeral}"),
    "end": (".", ".", ".", ".", "!", ", {adverb}.", " {where}."),
    "aside": (
        "{code}", "{year}", "see p. {day}", "{quality} as it {felt}", "{who}'s", "No. {count}", "{price}",
    ),
    "compound": (
        "{quality}-{quality}", "half-{quality}", "well-{quality}", "{numeral}-{unit}", "self-{quality}",
    ),
    "question": (
        "do you {do} {object}?", "where {were} the {things}?", "why don't we {do} {object}?",
        "isn't it {quality}?", "who {did} {object}?", "what can {pronoun} {do} {where}?",
        "didn't {subject} {do} {object}?",
    ),
    "remark": (
        "I can't {do} {object}!", "we'll {do} it, {first}.", "it's {price}, {adverb}.",
        "you shouldn't {do} {object}.", "let's {do} {object} {where}!",
        "I've {number} {things}; that's {quality}.", "oh, {first}!",
        "they won't {do} {object}, I'm {quality}.", "no - {object} {felt} {quality}.",
        "{do} {object}, {first}!",
    ),
}  # fmt: skip

WORDS: Mapping[str, str] = {
    "pronoun": "I you he she we they it nobody somebody anyone",
    "whose": "my your his her our their its",
    "relation": (
        "mother father sister brother cousin friend neighbour teacher doctor uncle aunt wife husband son "
        "daughter partner lodger cook nurse guest tailor niece nephew master pupil clerk"
    ),
    "thing": (
        "house garden river letter table window church bridge street candle horse dog cat bird tree "
        "kitchen engine paper book voice country village market ship harbour island mountain valley "
        "forest question answer secret picture mirror clock key box basket bottle glass cup kettle fire "
        "lamp shadow storm cloud evening morning winter summer journey station train carriage ticket "
        "wheel road field farm fence gate barn orchard apple cheese loaf supper dinner kitchen cupboard "
        "drawer jacket hat glove shoe button ribbon needle thread pocket purse coin bank office desk "
        "pencil page chapter poem story song violin piano trumpet drum dance game jury judge law tax vote "
        "party queen king prince soldier army battle sword flag treaty border wall tower castle museum "
        "statue theatre actor stage curtain crowd quarrel visit holiday picnic beach wave boat sail "
        "anchor rope fish net shell lighthouse fog iceberg volcano desert jungle tiger fox badger rabbit "
        "squirrel owl sparrow swan goose hedgehog beetle bee honey flower rose lily daisy hedge ditch "
        "brook mill quarry mine tunnel factory machine boiler pump valve zinc copper iron steel oxygen "
        "virus vaccine hospital fever cough wound razor bandage knee elbow thumb wrist ankle jaw eyebrow "
        "whisper laugh sigh yawn joke puzzle riddle prize jubilee wedding funeral birthday feast"
    ),
    "things": (
        "houses letters windows candles horses dogs trees books voices islands questions pictures keys "
        "boxes bottles cups lamps shadows storms evenings journeys stations tickets wheels fields gates "
        "apples loaves jackets gloves shoes buttons needles coins offices pages chapters poems songs "
        "games judges laws votes soldiers flags walls towers actors crowds quarrels visits waves boats "
        "ropes fishes shells foxes rabbits owls geese bees roses hedges mills mines machines pumps "
        "viruses knees thumbs jokes puzzles prizes children women men people mice teeth knives wolves "
        "leaves potatoes cherries berries pennies shillings parcels messages ladders blankets umbrellas"
    ),
    "quality": (
        "old young new small large quiet loud bright dark heavy light warm cold wet dry rough smooth "
        "quick slow strange common rare rich poor proud humble brave timid gentle cruel wise foolish "
        "clever dull honest false empty full broken whole hidden plain narrow wide deep shallow steep "
        "flat sharp blunt sweet bitter sour salty fresh stale green blue red yellow white black grey "
        "brown purple golden silver wooden stone glad sorry angry calm eager lazy busy idle hungry "
        "thirsty tired awake asleep alive lonely famous unknown exact vague equal unequal public private "
        "royal local foreign modern ancient early late final first last next certain doubtful possible "
        "unusual ordinary extra queer jolly fuzzy dizzy crazy frozen amazing exotic complex anxious "
        "obvious curious"
    ),
    "did": (
        "saw found took gave made kept lost sold bought carried followed opened closed painted wrote read "
        "heard watched remembered forgot loved hated feared wanted needed used broke mended washed burned "
        "buried dug climbed crossed reached left entered passed chose refused accepted offered promised "
        "expected believed doubted praised blamed judged measured counted weighed drew built designed "
        "examined questioned answered invited visited joined helped hindered caught threw pushed pulled "
        "lifted dropped hid showed covered filled emptied mixed cooked ate drank tasted smelled touched "
        "squeezed seized froze recognised organised described explained mentioned noticed ignored "
        "overlooked admired envied copied signed posted delivered returned borrowed lent owed paid repaid "
        "earned"
    ),
    "do": (
        "see find take give make keep lose sell buy carry follow open close paint write read hear watch "
        "remember forget love hate fear want need use break mend wash burn bury climb cross reach leave "
        "enter pass choose refuse accept offer promise expect believe doubt praise blame judge measure "
        "count weigh draw build examine question answer invite visit join help catch throw push pull lift "
        "drop hide show cover fill empty mix cook eat drink"
    ),
    "felt": "was is seemed looked felt became remained grew sounded appeared proved stayed",
    "were": "were are had_been will_be",
    "going": (
        "walking running sitting standing waiting looking turning smiling laughing weeping leaning "
        "hurrying sailing riding driving flying sleeping working whistling gazing kneeling jumping "
        "quarrelling"
    ),
    "place": (
        "in on under over behind beside near beyond across through above below against around before "
        "after towards without inside outside between along past opposite"
    ),
    "adverb": (
        "slowly quickly quietly loudly often never always seldom sometimes perhaps once twice again then "
        "now soon later yesterday tomorrow today tonight indeed however therefore meanwhile almost quite "
        "rather very too exactly carefully gladly sadly suddenly finally upstairs abroad elsewhere "
        "everywhere afterwards enough"
    ),
    "numeral": (
        "two three four five six seven eight nine ten eleven twelve thirteen fifteen twenty thirty forty "
        "fifty sixty seventy eighty ninety a_hundred a_dozen both several many few"
    ),
    "unit": "day week month year hour minute mile yard foot inch pound ounce pint gallon dozen acre ton",
    "month": "January February March April May June July August September October November December",
    "weekday": "Monday Tuesday Wednesday Thursday Friday Saturday Sunday",
    "street": ("High_Street Mill_Lane Queen's_Road Castle_Square Park_Avenue Station_Road Church_Hill Bridge_End"),
    "town": (
        "London Paris York Leeds Oxford Bath Dover Exeter Durham Glasgow Cardiff Dublin Belfast Quebec "
        "Boston Naples Venice Vienna Berlin Zurich Geneva Madrid Lisbon Athens Cairo Jaffa Delhi Kyoto "
        "Lima Utrecht India Egypt Norway Iceland Africa Europe Zanzibar Xanten Hull Rugby Kent Essex "
        "Wales Ulster Malta Cyprus Jersey"
    ),
    "first": (
        "Alice Arthur Agnes Basil Bella Bruno Clara Cyril Daisy David Edith Edgar Emily Fanny Felix Flora "
        "George Grace Harry Helen Hugo Ida Iris Isaac Jack Jane Julia Karl Kate Kevin Laura Leo Lily Lucy "
        "Mabel Mark Martha Nancy Nora Noel Olive Oscar Owen Paul Peter Polly Quentin Rachel Ralph Rosa "
        "Rufus Sam Sarah Simon Thomas Tilda Ursula Vera Victor Viola Walter Wendy William Xavier Yvonne "
        "Yorick Zoe Zack"
    ),
    "last": (
        "Abbott Archer Baker Barlow Bishop Carter Chapman Cox Dawson Dixon Drake Eaton Ellis Fisher "
        "Fletcher Foster Gibson Grant Graves Hale Harper Hunt Ingram Irving Jarvis Jenkins Joyce Kemp "
        "King Knight Lane Lloyd Lowe Marsh Mason Moore Nash Newton Norris Oakley Osborne Owen Palmer Pope "
        "Potter Quayle Quinn Reed Rhodes Russell Shaw Spencer Swift Taylor Todd Turner Underwood Upton "
        "Vance Vaughan Walsh Webb Wolfe Wright Yates Young"
    ),
}
