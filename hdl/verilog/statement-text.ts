import type { Node, Register } from "../builder/graph.ts";
import { assignment } from "./assignment.ts";
import type { Expressions } from "./expression.ts";
import { indented, wrapped } from "./layout.ts";
import type { Signal } from "./signals.ts";
import type { Simplifier } from "./simplify.ts";
import type { Case, If, Statement } from "./statement.ts";
import { LEVEL, type Text, within } from "./text.ts";

const LONGEST_SINGLE_LINE = 90;

/** Writes what always blocks do. */
export class StatementText {
  private readonly expressions: Expressions;
  private readonly simplifier: Simplifier;
  private readonly signalOf: (node: Node) => Signal;

  /** @param signalOf the signal of a register or a wire */
  constructor(expressions: Expressions, simplifier: Simplifier, signalOf: (node: Node) => Signal) {
    this.expressions = expressions;
    this.simplifier = simplifier;
    this.signalOf = signalOf;
  }

  lines(statements: readonly Statement[]): string[] {
    return statements.flatMap((statement) => this.statement(statement));
  }

  private statement(statement: Statement): string[] {
    switch (statement.kind) {
      case "assign":
        return this.assignment(statement.target, statement.value);
      case "if":
        return this.branches(statement);
      case "case":
        return this.cases(statement);
    }
  }

  /** Statements where a reset is off, and what it sets where it is on. */
  underReset(reset: string, registers: readonly Register[], statements: readonly Statement[]): string[] {
    const values = registers.flatMap((register) => {
      const value: Node = { kind: "constant", value: register.reset ?? 0n, type: register.type };
      return this.assignment(register, value);
    });
    return joinBranches([{ condition: reset, body: values }, ...this.elseBranches(statements)]);
  }

  private assignment(target: Register, value: Node): string[] {
    const { name, type, labels } = this.signalOf(target);
    const text = this.expressions.assigned(value, type.width, labels);
    const single = `${name} <= ${text.text};`;
    return single.length <= LONGEST_SINGLE_LINE ? [single] : assignment(`${name} <=`, text);
  }

  private branches(statement: If): string[] {
    const list = this.branchList(statement);
    const [only] = list;
    if (only?.condition != null && list.length === 1 && only.body.length === 1) {
      const line = `if (${only.condition}) ${only.body[0]}`;
      if (!only.body[0]?.startsWith("if ") && line.length <= LONGEST_SINGLE_LINE) return [line];
    }
    return joinBranches(list);
  }

  private branchList(statement: If): readonly Branch[] {
    const { then, otherwise } = statement;
    if (then.length === 0) {
      const unless = this.expressions.alone(this.simplifier.not(statement.condition));
      return this.under(unless, otherwise);
    }
    const condition = this.expressions.alone(statement.condition);
    if (otherwise.length === 0) return this.under(condition, then);
    return [{ condition: condition.text, body: this.lines(then) }, ...this.elseBranches(otherwise)];
  }

  /** `if (a)` with nothing but `if (b)` in it is `if (a && b)`. */
  private under(condition: Text, body: readonly Statement[]): readonly Branch[] {
    const [only] = body;
    if (body.length === 1 && only?.kind === "if" && (only.then.length === 0 || only.otherwise.length === 0)) {
      const node = only.then.length === 0 ? this.simplifier.not(only.condition) : only.condition;
      const inner = this.expressions.alone(node);
      const both = `${within(condition, LEVEL.and, "&&")} && ${within(inner, LEVEL.and, "&&")}`;
      const text: Text = { ...inner, text: both, level: LEVEL.and, width: 1, signed: false };
      return this.under(text, only.then.length === 0 ? only.otherwise : only.then);
    }
    return [{ condition: condition.text, body: this.lines(body) }];
  }

  private elseBranches(statements: readonly Statement[]): readonly Branch[] {
    const [only] = statements;
    if (only === undefined) return [];
    if (statements.length === 1 && only.kind === "if") return this.branchList(only);
    return [{ condition: null, body: this.lines(statements) }];
  }

  private cases({ subject, arms, otherwise }: Case): string[] {
    const { text } = this.expressions.alone(subject);
    const labels =
      subject.kind === "register" || subject.kind === "wire" ? this.signalOf(subject).labels : null;
    const empty = otherwise === null || otherwise.length === 0;
    const kept = empty ? arms.filter(({ body }) => body.length > 0) : arms;
    const complete = otherwise === null && kept.length === arms.length;
    const lines = kept.flatMap(({ values, body }) =>
      arm(this.expressions.caseLabel(subject, values), this.lines(body)),
    );
    if (!complete) {
      const named = new Set(kept.flatMap(({ values }) => values.map(Number)));
      const others = (labels ?? []).filter((_, i) => !named.has(i));
      const [first = "", ...more] = arm("default", this.lines(otherwise ?? []));
      // The last state needs no comparison.
      const remark = others.length === 1 && !empty ? `  // ${others[0]}` : "";
      lines.push(first + remark, ...more);
    }
    return [`case (${text})`, ...indented(lines), "endcase"];
  }
}

interface Branch {
  /** Null: else. */
  readonly condition: string | null;
  readonly body: readonly string[];
}

function joinBranches(branches: readonly Branch[]): string[] {
  const lines: string[] = [];
  for (const [i, { condition, body }] of branches.entries()) {
    const head = condition === null ? "begin" : `if (${condition}) begin`;
    if (i === 0) lines.push(...wrapped(head));
    else lines.push(...wrapped(`end else ${head}`));
    lines.push(...indented(body));
  }
  return [...lines, "end"];
}

function arm(label: string, body: readonly string[]): string[] {
  const [only] = body;
  if (only === undefined) return [`${label}: ;`];
  if (body.length === 1 && label.length + only.length < LONGEST_SINGLE_LINE) return [`${label}: ${only}`];
  return [`${label}: begin`, ...indented(body), "end"];
}
