import { useState } from 'react';

/** The value, or that of before where the new one says the same: what goes by its identity is not drawn again. For small plain data. */
export function useUnchanged<Value>(value: Value): Value {
  const [kept, keep] = useState(value);
  if (kept === value || JSON.stringify(kept) === JSON.stringify(value)) return kept;
  keep(value);
  return value;
}
