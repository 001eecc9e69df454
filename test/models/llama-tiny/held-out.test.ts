import { expect, test } from "vitest";
import { HELD_OUT, tellStory } from "../../../models/llama-tiny/corpus.ts";
import { heldOutQuestions, heldOutStories, trainingStories } from "../../../models/llama-tiny/held-out.ts";

test("stories are those of consecutive seeds, on their side of the split", () => {
  expect(heldOutStories(3)).toEqual([0, 1, 2].map((i) => tellStory(HELD_OUT + i)));
  expect(heldOutStories(2, HELD_OUT + 1)).toEqual(heldOutStories(3).slice(1));
  expect(trainingStories(3, 5)).toEqual([5, 6, 7].map(tellStory));
});

test("neither split reaches into the other", () => {
  expect(() => heldOutStories(1, HELD_OUT - 1)).toThrow("for training");
  expect(() => heldOutQuestions(1, 0)).toThrow("for training");
  expect(() => trainingStories(2, HELD_OUT - 1)).toThrow("held out");
  expect(trainingStories(1, HELD_OUT - 1)).toHaveLength(1);
});

test("questions come in the stories' order, as many as asked for", () => {
  const all = heldOutStories(200).flatMap((story) => story.questions);
  expect(heldOutQuestions(50)).toEqual(all.slice(0, 50));
  expect(heldOutQuestions(0)).toEqual([]);
  for (const { prompt, answer, distractors } of heldOutQuestions(50)) {
    expect(prompt).toMatch(/\S$/);
    for (const option of [answer, ...distractors]) expect(option).toMatch(/^ \S/);
    expect(distractors).not.toContain(answer);
  }
});
