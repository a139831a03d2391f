import type { GraphNode } from '../graph/ir';
import { attentionForward } from '../kernels/attention';
import { contrastiveSimilarities, contrastiveStatistics } from '../kernels/contrastive-loss';
import { imageTokensForward } from '../kernels/image-tokens';
import { layerNormForward } from '../kernels/layer-norm';
import { linearForward } from '../kernels/linear';
import { normalizeForward } from '../kernels/normalize';
import { patchify } from '../kernels/patchify';
import { drawViews, finishViews, viewSums } from '../kernels/patchify-view';
import { poolForward } from '../kernels/pool';
import { tokenEmbeddingForward } from '../kernels/token-embedding';
import { attentionDropout, attentionExtras, type Lowering } from './lowering';

type NodeOf<Op extends GraphNode['op']> = GraphNode & { readonly op: Op };

/** Records the dispatches of one node. With `save`, what its backward pass needs is kept in `lowering.saved`. */
export function lowerForward(lowering: Lowering, node: GraphNode, save: boolean): void {
  const { builder, choice } = lowering;
  const at = lowering.operand.bind(lowering);
  switch (node.op) {
    case 'linear':
      return lowerLinear(lowering, node, save);
    case 'layerNorm': {
      const [rows, columns] = lowering.matrix(node.x);
      const kernel = layerNormForward(
        { rows, columns },
        { epsilon: node.epsilon, saveStatistics: save, target: choice.target },
      );
      const operands = [at(node.x), at(node.weight), at(node.bias), at(node.y)];
      if (save) {
        const statistics = lowering.scratch(2 * rows);
        operands.push(statistics);
        lowering.saved.set(node, { op: 'layerNorm', statistics });
      }
      return builder.dispatch(kernel, operands);
    }
    case 'attention': {
      const options = {
        causal: node.causal,
        lengths: node.lengths !== null,
        dropout: attentionDropout(lowering, node),
        salt: lowering.salt(node),
        saveLogSumExp: save,
      };
      const kernel = attentionForward(node, options, lowering.attentionVariant(node));
      const operands = [at(node.qkv), ...attentionExtras(lowering, node), at(node.y)];
      if (save) {
        const logSumExp = lowering.scratch(node.batch * node.heads * node.tokens);
        operands.push(logSumExp);
        lowering.saved.set(node, { op: 'attention', logSumExp });
      }
      return builder.dispatch(kernel, operands);
    }
    case 'tokenEmbedding': {
      const [batch, tokens] = lowering.matrix(node.ids);
      const [vocabulary, width] = lowering.matrix(node.table);
      const kernel = tokenEmbeddingForward({ batch, tokens, width, vocabulary });
      return builder.dispatch(kernel, [at(node.ids), at(node.table), at(node.positions), at(node.y)]);
    }
    case 'patchify':
      return lowerPatchify(lowering, node);
    case 'imageTokens': {
      const [rows, width] = lowering.matrix(node.patches);
      const kernel = imageTokensForward({ batch: node.batch, patches: rows / node.batch, width });
      return builder.dispatch(kernel, [at(node.patches), at(node.classEmbedding), at(node.positions), at(node.y)]);
    }
    case 'pool': {
      const [, width] = lowering.matrix(node.x);
      const kernel = poolForward({ batch: node.batch, tokens: node.tokens, width, indexed: node.index !== null });
      return builder.dispatch(kernel, [at(node.x), at(node.y), ...(node.index === null ? [] : [at(node.index)])]);
    }
    case 'normalize': {
      const [rows, columns] = lowering.matrix(node.x);
      return builder.dispatch(normalizeForward({ rows, columns }, { target: choice.target }), [at(node.x), at(node.y)]);
    }
    case 'contrastiveLoss':
      return lowerContrastiveLoss(lowering, node);
    default:
      return node satisfies never;
  }
}

function lowerLinear(lowering: Lowering, node: NodeOf<'linear'>, save: boolean): void {
  const at = lowering.operand.bind(lowering);
  const shape = lowering.linearShape(node.x, node.weight);
  const saveDerivative = save && node.activation !== 'none';
  const kernel = linearForward(
    shape,
    { bias: node.bias !== null, residual: node.residual !== null, activation: node.activation, saveDerivative },
    lowering.variant('forward', shape),
  );
  const operands = [at(node.x), at(node.weight)];
  if (node.bias !== null) operands.push(at(node.bias));
  if (node.residual !== null) operands.push(at(node.residual));
  operands.push(at(node.y));
  if (saveDerivative) {
    const derivative = lowering.scratch(shape.rows * shape.columns, lowering.storage(node.y));
    operands.push(derivative);
    lowering.saved.set(node, { op: 'linear', derivative });
  }
  lowering.builder.dispatch(kernel, operands);
}

function lowerPatchify(lowering: Lowering, node: NodeOf<'patchify'>): void {
  const at = lowering.operand.bind(lowering);
  const [batch = 1, side = 1] = lowering.shape(node.pixels);
  const { views, size, patch } = node;
  if (views === null) {
    lowering.builder.dispatch(patchify({ batch, size, patch }, node), [at(node.pixels), at(node.y)]);
    return;
  }
  const shape = { batch, side, size, patch };
  const { target } = lowering.choice;
  const sums = lowering.scratch(viewSums(shape));
  lowering.builder.dispatch(drawViews(shape, { target }), [at(node.pixels), at(views), at(node.y), sums]);
  lowering.builder.dispatch(finishViews(shape, { ...node, target }), [at(views), sums, at(node.y)]);
}

function lowerContrastiveLoss(lowering: Lowering, node: NodeOf<'contrastiveLoss'>): void {
  const at = lowering.operand.bind(lowering);
  const [batch, width] = lowering.matrix(node.image);
  const similarities = lowering.scratch(batch * batch);
  const statistics = lowering.scratch(4 * batch);
  lowering.builder.dispatch(contrastiveSimilarities({ batch, width }), [at(node.image), at(node.text), similarities]);
  lowering.builder.dispatch(
    contrastiveStatistics(
      { batch, width },
      {
        labelSmoothing: node.labelSmoothing,
        cooperative: lowering.choice.target.cooperative,
        scaled: lowering.mixed !== null,
      },
    ),
    [
      similarities,
      at(node.logitScale),
      at(node.imageKeys),
      at(node.textKeys),
      statistics,
      at(node.y),
      ...(lowering.mixed === null ? [] : [lowering.mixed.scaling]),
    ],
  );
  lowering.saved.set(node, { op: 'contrastiveLoss', similarities, statistics });
}
