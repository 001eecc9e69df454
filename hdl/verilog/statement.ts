import type { Node, Register } from "../builder/graph.ts";

/** What an always block does. Values and conditions are simplified, so that equal ones are the same object. */
export type Statement = Assignment | If | Case;

export interface Assignment {
  readonly kind: "assign";
  readonly target: Register;
  readonly value: Node;
}

export interface If {
  readonly kind: "if";
  readonly condition: Node;
  readonly then: readonly Statement[];
  readonly otherwise: readonly Statement[];
}

export interface Case {
  readonly kind: "case";
  readonly subject: Node;
  readonly arms: readonly Arm[];
  /** Null: the arms are all there is. */
  readonly otherwise: readonly Statement[] | null;
}

export interface Arm {
  readonly values: readonly bigint[];
  readonly body: readonly Statement[];
}

/**
 * One list of statements for several registers: what stands under the same condition comes together. Each list keeps
 * its order.
 */
export function merge(lists: readonly (readonly Statement[])[]): readonly Statement[] {
  const filled = lists.filter((list) => list.length > 0);
  const [only] = filled;
  if (only === undefined) return [];
  if (filled.length === 1) return only;
  const made: Statement[] = [];
  let left: readonly Statement[][] = filled.map((list) => [...list]);
  while (left.length > 0) {
    for (const list of left) while (list[0]?.kind === "assign") made.push(...list.splice(0, 1));
    const head = left.find((list) => list.length > 0)?.[0];
    if (head === undefined) break;
    const alike = left.filter((list) => list[0] !== undefined && together(head, list[0]));
    made.push(mergeAlike(alike.flatMap((list) => list.splice(0, 1))));
    left = left.filter((list) => list.length > 0);
  }
  return made;
}

function together(a: Statement, b: Statement): boolean {
  if (a === b) return true;
  if (a.kind === "if" && b.kind === "if") return a.condition === b.condition;
  return (
    a.kind === "case" &&
    b.kind === "case" &&
    a.subject === b.subject &&
    ((brief(a) && brief(b)) || sameArms(a, b))
  );
}

/** What arms without a value of their own would have to repeat is short. */
const brief = ({ otherwise }: Case): boolean =>
  otherwise === null || otherwise.length === 0 || (otherwise.length === 1 && otherwise[0]?.kind === "assign");

const sameArms = (a: Case, b: Case): boolean => armsText(a) === armsText(b);
const armsText = ({ arms }: Case): string => arms.map(({ values }) => values.join()).join(";");

function mergeAlike(alike: readonly Statement[]): Statement {
  const [first] = alike;
  if (first === undefined) throw new Error("nothing to merge");
  if (first.kind === "if") {
    const ifs = alike.filter((one) => one.kind === "if");
    const then = merge(ifs.map((one) => one.then));
    const otherwise = merge(ifs.map((one) => one.otherwise));
    return { ...first, then, otherwise };
  }
  return first.kind === "case"
    ? mergeCases(
        first,
        alike.filter((one) => one.kind === "case"),
      )
    : first;
}

function mergeCases({ subject }: Case, cases: readonly Case[]): Case {
  const bodiesFor = (value: bigint): readonly (readonly Statement[])[] =>
    cases.map(
      ({ arms, otherwise }) => arms.find(({ values }) => values.includes(value))?.body ?? otherwise ?? [],
    );
  const arms: { values: bigint[]; bodies: readonly (readonly Statement[])[] }[] = [];
  for (const value of new Set(cases.flatMap((one) => one.arms.flatMap(({ values }) => values)))) {
    const bodies = bodiesFor(value);
    const same = arms.find((arm) => arm.bodies.every((body, i) => body === bodies[i]));
    if (same === undefined) arms.push({ values: [value], bodies });
    else same.values.push(value);
  }
  const complete = cases.some(({ otherwise }) => otherwise === null);
  return {
    kind: "case",
    subject,
    arms: arms.map(({ values, bodies }) => ({ values, body: merge(bodies) })),
    otherwise: complete ? null : merge(cases.map(({ otherwise }) => otherwise ?? [])),
  };
}

/** What `collapse` makes new nodes with. */
export interface Maker {
  mux(condition: Node, then: Node, otherwise: Node): Node;
  equal(left: Node, value: bigint): Node;
}

/** `if (c) r <= a; else r <= b;` as one assignment, a case of one arm as `if`, arms that do nothing together. */
export function collapse(statements: readonly Statement[], make: Maker): readonly Statement[] {
  return statements.flatMap((statement): readonly Statement[] => {
    if (statement.kind === "assign") return [statement];
    if (statement.kind === "case") return collapseCase(statement, make);
    const { condition } = statement;
    const then = collapse(statement.then, make);
    const otherwise = collapse(statement.otherwise, make);
    if (then.length === 0 && otherwise.length === 0) return [];
    const [a, b] = [onlyAssignment(then), onlyAssignment(otherwise)];
    return a !== null && b !== null && a.target === b.target && !isChoice(a.value) && !isChoice(b.value)
      ? [{ kind: "assign", target: a.target, value: make.mux(condition, a.value, b.value) }]
      : [{ kind: "if", condition, then, otherwise }];
  });
}

function collapseCase({ subject, arms, otherwise }: Case, make: Maker): readonly Statement[] {
  const rest = collapse(otherwise ?? [], make);
  const all = arms.map(({ values, body }) => ({ values, body: collapse(body, make) }));
  const doing = all.filter(({ body }) => body.length > 0);
  const idle = all.filter(({ body }) => body.length === 0).flatMap(({ values }) => values);
  const [only] = doing;
  if (rest.length > 0)
    return [
      {
        kind: "case",
        subject,
        arms: idle.length === 0 ? doing : [...doing, { values: idle, body: [] }],
        otherwise: rest,
      },
    ];
  if (only === undefined) return [];
  const [value] = only.values;
  if (doing.length === 1 && only.values.length === 1 && value !== undefined)
    return [branch(make.equal(subject, value), only.body, [])];
  return [
    { kind: "case", subject, arms: doing, otherwise: idle.length === 0 && otherwise === null ? null : [] },
  ];
}

function onlyAssignment(statements: readonly Statement[]): Assignment | null {
  const [only] = statements;
  return statements.length === 1 && only?.kind === "assign" ? only : null;
}

const isChoice = ({ kind }: Node): boolean => kind === "mux" || kind === "select";

/** The same statements about other nodes. */
export function mapStatements(
  statements: readonly Statement[],
  image: (node: Node) => Node,
): readonly Statement[] {
  return statements.map((statement) => mapStatement(statement, image));
}

function mapStatement(statement: Statement, image: (node: Node) => Node): Statement {
  if (statement.kind === "assign") return { ...statement, value: image(statement.value) };
  if (statement.kind === "if") {
    const then = mapStatements(statement.then, image);
    const otherwise = mapStatements(statement.otherwise, image);
    return { kind: "if", condition: image(statement.condition), then, otherwise };
  }
  const { subject, arms, otherwise } = statement;
  return {
    kind: "case",
    subject: image(subject),
    arms: arms.map(({ values, body }) => ({ values, body: mapStatements(body, image) })),
    otherwise: otherwise === null ? null : mapStatements(otherwise, image),
  };
}

/** A value that statements take. */
export interface Taken {
  readonly node: Node;
  readonly width: number;
  /** The register that it is assigned to; null: it decides something. */
  readonly target: Register | null;
}

/** Everything that statements take a value of; of assigned values, as many bits as the register has. */
export function* nodesIn(statements: readonly Statement[]): Generator<Taken> {
  for (const statement of statements) {
    switch (statement.kind) {
      case "assign": {
        const { value, target } = statement;
        yield { node: value, width: target.type.width, target };
        break;
      }
      case "if":
        yield { node: statement.condition, width: 1, target: null };
        yield* nodesIn(statement.then);
        yield* nodesIn(statement.otherwise);
        break;
      case "case":
        yield { node: statement.subject, width: statement.subject.type.width, target: null };
        for (const { body } of statement.arms) yield* nodesIn(body);
        yield* nodesIn(statement.otherwise ?? []);
    }
  }
}

/** `if` as a statement. */
export const branch = (
  condition: Node,
  then: readonly Statement[],
  otherwise: readonly Statement[],
): Statement => ({ kind: "if", condition, then, otherwise });
