import { HELD_OUT, type Question, type Story, tellStory } from "./corpus.ts";

/** `count` stories that llama-tiny was never trained on. */
export function heldOutStories(count: number, fromSeed: number = HELD_OUT): readonly Story[] {
  if (fromSeed < HELD_OUT) throw new RangeError(`stories below seed ${HELD_OUT} are for training`);
  return stories(count, fromSeed);
}

/** The first `count` questions that stories from `fromSeed` on ask; llama-tiny was never trained on these stories. */
export function heldOutQuestions(count: number, fromSeed: number = HELD_OUT): readonly Question[] {
  const questions: Question[] = [];
  for (let seed = fromSeed; questions.length < count; seed++) {
    questions.push(...heldOutStories(1, seed).flatMap((story) => story.questions));
  }
  return questions.slice(0, count);
}

/** `count` stories of the split that llama-tiny was trained on, for calibration. */
export function trainingStories(count: number, fromSeed = 0): readonly Story[] {
  if (fromSeed + count > HELD_OUT) throw new RangeError(`stories from seed ${HELD_OUT} on are held out`);
  return stories(count, fromSeed);
}

const stories = (count: number, fromSeed: number): readonly Story[] =>
  Array.from({ length: count }, (_, i) => tellStory(fromSeed + i));
