import type { Activation, TransformerShape } from "../../../models/shapes/transformer.ts";
import { linear, type Splitting } from "./linear.ts";
import type { Operation } from "./operation.ts";
import { type Formats, newTokens, type Step } from "./step.ts";
import { elementwise, LANE_OPERATIONS } from "./vector.ts";

/** Of the layers' activation functions, by family. */
function activationOperations(activation: Activation): number {
  if (activation === "relu") return LANE_OPERATIONS.relu;
  return activation === "silu" ? LANE_OPERATIONS.silu : LANE_OPERATIONS.gelu;
}

/**
 * Experts that at least one of `tokens` tokens goes to, expected: tokens choose `expertsPerToken` of `experts` evenly
 * and independently, so that each expert is missed with (1 - k/E)^tokens.
 */
export function expertsReached(experts: number, expertsPerToken: number, tokens: number): number {
  return experts * (1 - (1 - expertsPerToken / experts) ** tokens);
}

/** The feed-forward operations of a layer. */
export function feedForwardOperations(
  shape: TransformerShape,
  step: Step,
  formats: Formats,
  split: Splitting,
): Operation[] {
  const { hiddenSize, layers, feedForward } = shape;
  const tokens = step.batch * newTokens(step);
  const base = { part: "feed-forward", repeat: layers } as const;
  const share = (size: number): number => Math.ceil(size / split.parallel);
  const matrix = (
    name: string,
    size: { rows: number; cols: number; tokens: number; bias: boolean; copies?: number; fusedRows?: number },
  ): Operation => linear({ ...base, name }, size, formats.weights, formats.activationBits);

  /** Up and, where gated, gate; activation; down. `tokens` counts a token once for each expert it goes to. */
  const block = (
    prefix: string,
    size: {
      intermediate: number;
      tokens: number;
      copies: number;
      gated: boolean;
      bias: boolean;
      activation: Activation;
    },
  ): Operation[] => {
    const rows = share(size.intermediate);
    const into = {
      rows,
      cols: hiddenSize,
      tokens: size.tokens,
      bias: size.bias,
      copies: size.copies,
    };
    return [
      ...(size.gated ? [matrix(`${prefix}gate`, { ...into, fusedRows: 2 * rows })] : []),
      matrix(`${prefix}up`, { ...into, fusedRows: size.gated ? 2 * rows : rows }),
      elementwise(
        { ...base, name: `${prefix}activation` },
        {
          tokens: size.tokens,
          elements: rows,
          inputs: size.gated ? 2 : 1,
          operations: activationOperations(size.activation),
          kernel: "activation",
        },
        formats.activationBits,
      ),
      matrix(`${prefix}down`, { ...into, rows: hiddenSize, cols: rows }),
    ];
  };

  switch (feedForward.kind) {
    case "gated":
    case "plain":
      return block("", {
        intermediate: feedForward.intermediateSize,
        tokens,
        copies: 1,
        gated: feedForward.kind === "gated",
        bias: feedForward.bias,
        activation: feedForward.activation,
      });
    case "experts": {
      const { experts, expertsPerToken, intermediateSize, sharedIntermediateSize, sharedGate, activation } =
        feedForward;
      const copies = expertsReached(experts, expertsPerToken, tokens);
      return [
        // The router stays as it was trained: it is small, and its choice is sensitive.
        linear(
          { ...base, name: "router" },
          { rows: experts + (sharedGate ? 1 : 0), cols: hiddenSize, tokens, bias: false },
          { kind: "float", bits: 16 },
          formats.activationBits,
        ),
        ...block("expert ", {
          intermediate: intermediateSize,
          tokens: tokens * expertsPerToken,
          copies,
          gated: true,
          bias: false,
          activation,
        }),
        ...(sharedIntermediateSize > 0
          ? block("shared expert ", {
              intermediate: sharedIntermediateSize,
              tokens,
              copies: 1,
              gated: true,
              bias: false,
              activation,
            })
          : []),
      ];
    }
  }
}
