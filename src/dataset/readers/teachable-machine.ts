import { baseName } from '../paths';
import { captionOfClass, type Description, type NameReader, type Target } from './reader';

/** A project saved by Teachable Machine: `manifest.json` and pictures that carry their class before `-!-`, `Dog-!-0.jpg`. */
export const teachableMachineReader: NameReader = {
  read(listing, bare, _sources, findings) {
    const described = new Map<Target, Description>();
    for (const target of bare) {
      const label = /^(.+)-!-\d+\.\w+$/.exec(baseName(target.path))?.[1];
      if (label === undefined) return null;
      described.set(target, { captions: [captionOfClass(label)], split: null });
    }
    if (described.size === 0) return null;
    for (const path of listing.others.keys()) if (baseName(path) === 'manifest.json') findings.used.add(path);
    return { format: 'Teachable Machine project', name: 'the class names', described, note: null };
  },
};
