import { baseName } from '../paths';
import { captionOfClass, type NameReader, type Statement } from './reader';

/** A project saved by Teachable Machine: `manifest.json` and pictures that carry their class before `-!-`, `Dog-!-0.jpg`. */
export const teachableMachineReader: NameReader = {
  read(listing, bare, _sources, findings) {
    const statements: Statement[] = [];
    for (const target of bare) {
      const label = /^(.+)-!-\d+\.\w+$/.exec(baseName(target.path))?.[1];
      if (label === undefined) return null;
      statements.push({ target, captions: [captionOfClass(label)], split: null, fields: { label } });
    }
    if (statements.length === 0) return null;
    for (const path of listing.others.keys()) if (baseName(path) === 'manifest.json') findings.used.add(path);
    return {
      format: 'Teachable Machine project',
      name: 'the class names',
      columns: [{ name: 'label', role: 'label' }],
      statements: [statements],
      note: null,
    };
  },
};
