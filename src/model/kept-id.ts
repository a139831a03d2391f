import { defaultHub, hubAddress } from './hub';

/**
 * Names a model among the kept files. Two hubs may serve different models under one id, so a hub other than the usual one is a part of the name.
 *
 * @throws ModelError `invalid` where the hub's address cannot be one
 */
export function keptId(hub: string, id: string): string {
  const address = hubAddress(hub);
  return address === defaultHub ? id : `${prefix}${encodeURIComponent(address)}/${id}`;
}

const prefix = 'hub:';

/** A model among the kept files: its id, and its hub where that is not the usual one (also null for models that come from no hub). */
export function parseKeptId(kept: string): { readonly id: string; readonly hub: string | null } {
  const [, address, id] = /^hub:([^/]+)\/(.+)$/.exec(kept) ?? [];
  if (address === undefined || id === undefined) return { id: kept, hub: null };
  return { id, hub: decodeURIComponent(address) };
}
