import type { ComparedRun } from './overlay';
import { Swatch } from './Swatch';

/** The heading of a table with a column for each run, each with a piece of its curve. */
export function RunHeads({ first, compared }: { readonly first: string; readonly compared: readonly ComparedRun[] }) {
  return (
    <thead>
      <tr>
        <th scope="col">{first}</th>
        {compared.map((each) => (
          <th key={each.run.id} scope="col">
            <Swatch line={each} /> {each.run.name}
          </th>
        ))}
      </tr>
    </thead>
  );
}
