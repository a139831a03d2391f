import type { Inference, InputData } from '../executor';
import type { Graph } from '../graph/ir';
import type { Ledger } from './ledger';
import type { OpRules } from './rule';
import { GraphRun, storedParameters, type GraphParameters } from './run';
import { schedule, type Schedule } from './schedule';
import type { TfjsStore } from './store';

/** A forward pass interpreted node by node. */
export class TfjsInference implements Inference {
  private readonly plan: Schedule;
  private readonly parameters: GraphParameters;

  /** @param activate makes the executor's backend the current one */
  constructor(
    graph: Graph,
    store: TfjsStore,
    rules: OpRules,
    private readonly ledger: Ledger,
    private readonly activate: () => void,
  ) {
    this.plan = schedule(graph, rules);
    this.parameters = storedParameters(graph, store);
    // A parameter that the store lacks is reported now rather than at the first run.
    for (const { parts } of graph.parameters) store.tensor(parts);
  }

  async run(inputs: InputData): Promise<Record<string, Float32Array>> {
    this.activate();
    const { outputs } = this.plan.graph;
    const run = new GraphRun(this.plan, inputs, this.parameters, null, () => this.ledger.sample());
    try {
      run.forward();
      const read = Object.entries(outputs).map(
        async ([name, id]) => [name, (await run.tensor(id).data()) as Float32Array] as const,
      );
      return Object.fromEntries(await Promise.all(read));
    } finally {
      run.dispose();
    }
  }

  /** Nothing is held between runs. */
  dispose(): void {
    return;
  }
}
