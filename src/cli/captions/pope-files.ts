/** The files of POPE, in its public format: questions with labels, answers, objects of pictures. */
import { z } from "zod";
import { UsageError } from "../../engine/errors.js";
import type { ObjectTruth } from "../../methods/captions/chair.js";
import { EmptyCaptionError } from "../../methods/captions/errors.js";
import { type PopeAnswer, type PopeQuestion, saysYes } from "../../methods/captions/pope.js";
import { parsedJson, readText } from "./json-files.js";

const WHAT = "a file for POPE is not as it should be";
const id = z.union([z.number().int(), z.string()]).transform(String);
const answerSchema = z.object({
  question_id: id.nullish(),
  image: id.nullish(),
  image_id: id.nullish(),
  question: z.string().nullish(),
  answer: z.string(),
});
const questionSchema = z.object({
  question_id: id.nullish(),
  image: id.nullish(),
  text: z.string(),
  label: z.enum(["yes", "no"]),
});
const objectsSchema = z.object({ image: id, objects: z.array(z.string()) });
const truthSchema = z.record(z.string(), z.array(z.string()));

const ANSWER = '{"question": "Is there a dog in the image?", "answer": "yes"}';
const TRUTH =
  '{"question_id": 1, "image": "1.jpg", "text": "Is there a dog in the image?", "label": "yes"} a line, {"image": "1.jpg", "objects": ["dog"]} a line, or {"1.jpg": ["dog"]}';

type Answer = z.output<typeof answerSchema> & { readonly where: string };

/** What is asked, with labels, or the objects of pictures. */
export type PopeTruth =
  { readonly questions: readonly z.output<typeof questionSchema>[] } | { readonly objects: ObjectTruth };

/** POPE's questions or objects, one a line, or a file of objects as `eval chair` reads it. */
export async function readPopeTruth(path: string): Promise<PopeTruth> {
  const content = await readText(path, "questions or objects");
  const lines = content.split(/\r?\n/).flatMap((line, i) => (line.trim() === "" ? [] : [{ line, at: i + 1 }]));
  const first = whole(lines[0]?.line);
  if (first === undefined || !("label" in first || "objects" in first)) {
    const truth = parsedJson(content, truthSchema, { what: WHAT, where: path, expected: TRUTH });
    return { objects: new Map(Object.entries(truth).map(([image, objects]) => [image, new Set(objects)])) };
  }
  const each = <T>(schema: z.ZodType<T>): T[] =>
    lines.map(({ line, at }) =>
      parsedJson(line, schema, { what: WHAT, where: `${path}, line ${at}`, expected: TRUTH }),
    );
  if ("label" in first) return { questions: each(questionSchema) };
  return { objects: new Map(each(objectsSchema).map(({ image, objects }) => [image, new Set(objects)])) };
}

/** The object of a line, or undefined where the line is none by itself. */
function whole(line = ""): object | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Answers, each judged by the truth. Throws `UsageError` for answers that do not belong to it, `EmptyCaptionError` for one without a word. */
export async function readPopeAnswers(path: string, truth: PopeTruth): Promise<PopeAnswer[]> {
  const content = await readText(path, "answers");
  const answers = content.split(/\r?\n/).flatMap((line, i): Answer[] => {
    if (line.trim() === "") return [];
    const where = `${path}, line ${i + 1}`;
    const answer = parsedJson(line, answerSchema, { what: WHAT, where, expected: ANSWER });
    if (answer.answer.trim() === "") {
      throw new EmptyCaptionError({
        what: "an answer without a word, which would count as a yes",
        where,
        got: JSON.stringify(answer.answer),
        expected: ANSWER,
        fix: "ask the model again, or leave the question out",
      });
    }
    return [{ ...answer, where }];
  });
  return "questions" in truth ? byOrder(answers, truth.questions, path) : byObjects(answers, truth.objects);
}

/** As POPE's own evaluation does; where both say which question it is, they must agree. */
function byOrder(
  answers: readonly Answer[],
  questions: readonly z.output<typeof questionSchema>[],
  path: string,
): PopeAnswer[] {
  if (answers.length !== questions.length) {
    throw new UsageError({
      what: "there are not as many answers as questions",
      where: path,
      got: `${answers.length} answers`,
      expected: `${questions.length}, one a question, in the same order`,
    });
  }
  return answers.map(({ where, question_id: answered, question, answer }, i) => {
    const asked = questions[i]!;
    const otherId = answered != null && asked.question_id != null && answered !== asked.question_id;
    if (otherId || (question != null && !plain(question).startsWith(plain(asked.text)))) {
      throw new UsageError({
        what: "an answer to another question than the one at its place",
        where,
        got: otherId ? `question_id ${answered}` : JSON.stringify(question),
        expected: otherId ? `question_id ${asked.question_id}` : JSON.stringify(asked.text),
        fix: "bring answers into the order of the questions",
      });
    }
    return { imageId: asked.image ?? String(i), label: asked.label === "yes", yes: saysYes(answer) };
  });
}

/** POPE's published questions write "imange" after "an". */
const plain = (question: string): string => question.toLowerCase().replaceAll("imange", "image").trim();

function byObjects(answers: readonly Answer[], truth: ObjectTruth): PopeAnswer[] {
  return answers.map(({ where, image, image_id: imageId, question, answer }) => {
    const picture = image ?? imageId;
    const objects = picture == null ? undefined : truth.get(picture);
    const object = /^is there an? (.+?) in the image\b/.exec(plain(question ?? ""))?.[1];
    if (picture == null || objects === undefined || object === undefined) {
      throw new UsageError({
        what: "an answer that the objects of pictures do not say anything about",
        where,
        got: objects === undefined ? `picture ${picture ?? "unnamed"}` : `the question ${JSON.stringify(question)}`,
        expected:
          '{"image": "1.jpg", "question": "Is there a dog in the image?", "answer": "yes"}, the picture in the truth',
      });
    }
    const there = [...objects].some((one) => one.toLowerCase() === object);
    return { imageId: picture, label: there, yes: saysYes(answer) };
  });
}

/** One line of POPE's questions. */
export function questionLine({ id: number, imageId, text, label }: PopeQuestion): string {
  return JSON.stringify({ question_id: number, image: imageId, text, label: label ? "yes" : "no" });
}
