import { create } from 'zustand';

/** A dropped file or folder. The browser empties what it gives with the event; this holds on to it. */
export type DroppedItem = Pick<DataTransferItem, 'kind' | 'webkitGetAsEntry' | 'getAsFile'>;

/** What was dropped beside the Data page, until that has opened and takes it. */
export const useWaitingDrop = create<{ readonly items: readonly DroppedItem[] | null }>()(() => ({ items: null }));

/** To be called within the drop event. */
export function holdOn(items: DataTransferItemList): readonly DroppedItem[] {
  return [...items].map((item) => {
    const { kind } = item;
    const [entry, file] = [item.webkitGetAsEntry(), item.getAsFile()];
    return { kind, webkitGetAsEntry: () => entry, getAsFile: () => file };
  });
}
