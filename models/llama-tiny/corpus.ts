/**
 * A small story world that writes its own corpus: text with real structure (who holds what, where things are,
 * how many there are), so that a tiny language model has something to learn and a compressed one something to lose.
 *
 * Every story comes from a seed, so any split can be made again, anywhere, byte for byte:
 * training uses seeds below HELD_OUT, evaluation seeds from HELD_OUT on.
 */

/** First seed of the held-out stories: no story from here on was ever trained on. */
export const HELD_OUT = 1_000_000_000;

/** A question about a story, with the one right answer and plausible wrong ones of the same kind. */
export interface Question {
  /** Story text up to and including the answer's lead-in, ready to be continued. */
  readonly prompt: string;
  /** The right continuation, with its leading space. */
  readonly answer: string;
  /** Wrong continuations, each with its leading space. */
  readonly distractors: readonly string[];
  readonly kind: "where" | "count" | "who" | "opposite";
}

export interface Story {
  readonly text: string;
  readonly questions: readonly Question[];
}

/** Deterministic 32-bit generator (splitmix32 stepping): the same seed gives the same story on every machine. */
export class Random {
  private state: number;

  constructor(seed: number) {
    this.state = (seed ^ Math.floor(seed / 0x1_0000_0000)) >>> 0;
    for (let i = 0; i < 4; i++) this.next();
  }

  /** Uniform in [0, 2^32). */
  next(): number {
    this.state = (this.state + 0x9e3779b9) >>> 0;
    let z = this.state;
    z = Math.imul(z ^ (z >>> 16), 0x21f0aaad);
    z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
    return (z ^ (z >>> 15)) >>> 0;
  }

  /** Uniform integer in [0, bound). */
  below(bound: number): number {
    return Math.floor((this.next() / 0x1_0000_0000) * bound);
  }

  chance(probability: number): boolean {
    return this.next() < probability * 0x1_0000_0000;
  }

  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)] as T;
  }

  /** `count` different items, in random order. */
  sample<T>(items: readonly T[], count: number): T[] {
    const pool = [...items];
    for (let i = 0; i < count; i++) {
      const j = i + this.below(pool.length - i);
      [pool[i], pool[j]] = [pool[j] as T, pool[i] as T];
    }
    return pool.slice(0, count);
  }
}

interface Person {
  readonly name: string;
  readonly they: "he" | "she";
  readonly them: "him" | "her";
  readonly their: "his" | "her";
}

const girl = (name: string): Person => ({ name, they: "she", them: "her", their: "her" });
const boy = (name: string): Person => ({ name, they: "he", them: "him", their: "his" });

const PEOPLE: readonly Person[] = [
  ...["Mia", "Lily", "Anna", "Zoe", "Ruth", "Nina", "Sara", "Ella", "Ivy", "Rosa"].map(girl),
  ...["Tom", "Ben", "Max", "Sam", "Leo", "Finn", "Omar", "Jack", "Theo", "Paul"].map(boy),
];

const ANIMALS = [
  "dog",
  "cat",
  "bird",
  "frog",
  "rabbit",
  "duck",
  "mouse",
  "fox",
  "bear",
  "pony",
  "turtle",
  "goat",
];
const TOYS = [
  "ball",
  "doll",
  "kite",
  "drum",
  "book",
  "hat",
  "cup",
  "spoon",
  "key",
  "coin",
  "shell",
  "lamp",
  "bell",
  "scarf",
];
const FRUIT = ["apple", "pear", "plum", "peach", "lemon", "berry", "nut", "cookie", "cake", "egg"];
const HIDING_PLACES = ["box", "bag", "basket", "drawer", "jar", "chest", "bucket", "pocket"];
const PLACES = [
  "park",
  "garden",
  "forest",
  "kitchen",
  "school",
  "market",
  "river",
  "beach",
  "farm",
  "hill",
  "library",
  "barn",
];
const COLOURS = ["red", "blue", "green", "yellow", "white", "black", "brown", "pink"];
const SIZES = ["big", "small", "tiny", "huge", "long", "round"];
const WEATHER = ["sunny", "rainy", "windy", "cold", "warm", "snowy", "cloudy"];
const GLAD = ["happy", "glad", "proud", "excited"];
const UPSET = ["sad", "angry", "scared", "worried"];
const NUMBERS = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"];
const OPPOSITES: readonly (readonly [string, string])[] = [
  ["hot", "cold"],
  ["big", "small"],
  ["up", "down"],
  ["wet", "dry"],
  ["fast", "slow"],
  ["day", "night"],
  ["open", "closed"],
  ["full", "empty"],
  ["loud", "quiet"],
  ["old", "new"],
  ["hard", "soft"],
  ["light", "dark"],
];
const LESSONS = [
  "It is good to share.",
  "Always ask before you take.",
  "Friends help each other.",
  "Be careful and be kind.",
  "Telling the truth is brave.",
  "Never give up.",
  "Little things can be big gifts.",
  "Listen first and speak later.",
];

const plural = (noun: string): string =>
  noun === "mouse"
    ? "mice"
    : noun === "berry"
      ? "berries"
      : noun === "box" || noun === "peach"
        ? `${noun}es`
        : `${noun}s`;
const counted = (count: number, noun: string): string =>
  `${NUMBERS[count]} ${count === 1 ? noun : plural(noun)}`;
const an = (words: string): string => (/^[aeiou]/.test(words) ? `an ${words}` : `a ${words}`);
const capital = (sentence: string): string => sentence.charAt(0).toUpperCase() + sentence.slice(1);
const lead = (answer: string): string => ` ${answer}`;

/** Writes one story; what happens and how it is told depend on `seed` alone. */
export function tellStory(seed: number): Story {
  const random = new Random(seed);
  const [hero, friend] = random.sample(PEOPLE, 2) as [Person, Person];
  const place = random.pick(PLACES);
  const sentences: string[] = [opening(random, hero, place)];
  const questions: Question[] = [];
  const scenes = random.sample(
    [hideAndFind, countThings, trade, meetAnimal, lose, opposites],
    2 + random.below(2),
  );
  for (const scene of scenes) scene(random, { hero, friend, place, sentences, questions });
  sentences.push(ending(random, hero, friend));
  return { text: sentences.join(" "), questions };
}

interface Scene {
  readonly hero: Person;
  readonly friend: Person;
  readonly place: string;
  readonly sentences: string[];
  readonly questions: Question[];
}

function ask(
  scene: Scene,
  question: string,
  leadIn: string,
  kind: Question["kind"],
  answer: string,
  wrong: readonly string[],
): void {
  const prompt = [...scene.sentences, question, leadIn].join(" ");
  scene.questions.push({ prompt, answer: lead(answer), distractors: wrong.map(lead), kind });
  scene.sentences.push(question, `${leadIn} ${answer}.`);
}

function opening(random: Random, hero: Person, place: string): string {
  const who = `a ${random.pick(["little", "young", "kind", "clever", "quiet"])} ${hero.they === "she" ? "girl" : "boy"} named ${hero.name}`;
  return random.pick([
    () => `Once upon a time, there was ${who}.`,
    () => `One ${random.pick(WEATHER)} day, ${hero.name} went to the ${place}.`,
    () => `There was ${who} who loved the ${place}.`,
    () => `It was a ${random.pick(WEATHER)} morning and ${hero.name} was at the ${place}.`,
  ])();
}

function ending(random: Random, hero: Person, friend: Person): string {
  return random.pick([
    () => `${hero.name} and ${friend.name} were ${random.pick(GLAD)} and went home.`,
    () => `From that day on, ${hero.name} and ${friend.name} were best friends.`,
    () => `${hero.name} smiled. ${random.pick(LESSONS)}`,
    () => `At night, ${hero.name} told ${hero.their} mom about the day. ${random.pick(LESSONS)}`,
    () => `Then ${hero.they} went to sleep and dreamed of ${an(random.pick(SIZES))} ${random.pick(ANIMALS)}.`,
  ])();
}

/** Somebody puts a thing away, sometimes somebody moves it, and the reader is asked where it is now. */
function hideAndFind(random: Random, scene: Scene): void {
  const { hero, friend, sentences } = scene;
  const toy = random.pick(TOYS);
  const colour = random.pick(COLOURS);
  const [first, second, third] = random.sample(HIDING_PLACES, 3) as [string, string, string];
  sentences.push(
    `${hero.name} had a ${colour} ${toy}.`,
    `${capital(hero.they)} put the ${toy} in the ${first}.`,
  );
  let where = first;
  if (random.chance(0.5)) {
    sentences.push(
      random.pick([
        () => `But ${friend.name} took the ${toy} out of the ${first} and put it in the ${second}.`,
        () => `Later, ${friend.name} moved the ${toy} from the ${first} to the ${second}.`,
      ])(),
    );
    where = second;
  } else if (random.chance(0.5)) {
    sentences.push(`Then ${hero.they} played with ${friend.name} for a while.`);
  }
  ask(scene, `Where was the ${toy}?`, `The ${toy} was in the`, "where", where, [
    where === first ? second : first,
    third,
  ]);
  if (random.chance(0.4)) sentences.push(`"I found my ${colour} ${toy}!" said ${hero.name}.`);
}

/** Counting with small numbers: some are given, taken or eaten, and the reader is asked how many are left. */
function countThings(random: Random, scene: Scene): void {
  const { hero, friend, sentences } = scene;
  const fruit = random.pick(FRUIT);
  const had = 2 + random.below(4);
  const more = random.chance(0.5);
  const change = more ? 1 + random.below(4) : 1 + random.below(had - 1);
  const left = more ? had + change : had - change;
  sentences.push(`${hero.name} had ${counted(had, fruit)}.`);
  sentences.push(
    more
      ? random.pick([
          () => `${friend.name} gave ${hero.them} ${NUMBERS[change]} more.`,
          () => `Then ${hero.they} found ${NUMBERS[change]} more on the ground.`,
        ])()
      : random.pick([
          () => `${capital(hero.they)} ate ${NUMBERS[change]} of them.`,
          () => `${capital(hero.they)} gave ${NUMBERS[change]} of them to ${friend.name}.`,
        ])(),
  );
  const wrong = [left + 1, left - 1, had]
    .filter((n) => n !== left && n >= 0 && n <= 10)
    .map((n) => NUMBERS[n] as string);
  const noun = plural(fruit);
  ask(
    scene,
    `How many ${noun} did ${hero.name} have now?`,
    `Now ${hero.name} had`,
    "count",
    NUMBERS[left] as string,
    [...new Set(wrong)],
  );
}

/** A thing changes hands, and the reader is asked who has it. */
function trade(random: Random, scene: Scene): void {
  const { hero, friend, sentences } = scene;
  const [mine, yours] = random.sample(TOYS, 2) as [string, string];
  const [a, b] = random.sample(COLOURS, 2) as [string, string];
  sentences.push(`${hero.name} had a ${a} ${mine} and ${friend.name} had a ${b} ${yours}.`);
  let owner = hero;
  if (random.chance(0.6)) {
    sentences.push(
      random.pick([
        () =>
          `"Can I have your ${mine}?" asked ${friend.name}. "Yes, you can," said ${hero.name}, and gave it to ${friend.them}.`,
        () => `They traded, so ${hero.name} got the ${yours} and ${friend.name} got the ${mine}.`,
      ])(),
    );
    owner = friend;
  } else {
    sentences.push(
      `"Can I have your ${mine}?" asked ${friend.name}. "No, it is mine," said ${hero.name}, and kept it.`,
    );
  }
  ask(scene, `Who had the ${mine}?`, `The one with the ${mine} was`, "who", owner.name, [
    (owner === hero ? friend : hero).name,
  ]);
}

function meetAnimal(random: Random, scene: Scene): void {
  const { hero, place, sentences } = scene;
  const animal = random.pick(ANIMALS);
  const look = random.chance(0.5) ? random.pick(SIZES) : random.pick(COLOURS);
  const feeling = random.pick([...GLAD, ...UPSET]);
  sentences.push(
    `At the ${place}, ${hero.they} saw ${an(look)} ${animal}.`,
    `The ${animal} looked ${feeling}.`,
  );
  sentences.push(
    UPSET.includes(feeling)
      ? random.pick([
          () => `"Do not be ${feeling}," said ${hero.name}. "I will help you."`,
          () => `${hero.name} gave the ${animal} ${an(random.pick(FRUIT))} and soon it was happy again.`,
        ])()
      : random.pick([
          () => `"Hello, ${animal}! Do you want to play?" asked ${hero.name}.`,
          () => `${hero.name} and the ${animal} ran and jumped until the sun went down.`,
        ])(),
  );
}

function lose(random: Random, scene: Scene): void {
  const { hero, friend, place, sentences } = scene;
  const toy = random.pick(TOYS);
  const upset = random.pick(UPSET);
  sentences.push(
    `${hero.name} could not find ${hero.their} ${toy}.`,
    `${capital(hero.they)} was ${upset}.`,
    `${friend.name} said, "Let us look in the ${place} together."`,
    random.pick([
      () => `They looked and looked, and at last ${friend.name} saw the ${toy} under a tree.`,
      () => `They found the ${toy} behind a ${random.pick(SIZES)} rock.`,
    ])(),
    `"Thank you, ${friend.name}!" said ${hero.name}, who was not ${upset} any more.`,
  );
}

/** A small fact learned by heart: the opposite of a word. */
function opposites(random: Random, scene: Scene): void {
  const { friend, sentences } = scene;
  const [pair, other, another] = random.sample(OPPOSITES, 3) as [
    readonly [string, string],
    readonly [string, string],
    readonly [string, string],
  ];
  const [word, opposite] = random.chance(0.5) ? pair : [pair[1], pair[0]];
  sentences.push(`${friend.name} liked to play a word game.`);
  ask(
    scene,
    `"What is the opposite of ${word}?" asked ${friend.name}.`,
    `The opposite of ${word} is`,
    "opposite",
    opposite,
    [other[0], another[1]],
  );
}
