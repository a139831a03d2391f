import { lazy, Suspense, useState } from 'react';
import { useLocation } from 'wouter';
import { linkInLocation } from '../recipe/link-location';

const LinkOpener = lazy(() => import('./LinkOpener'));

/** Opens recipe links; what that takes is loaded with the first one, and stays to ask what is to become of it. */
export function LinkGate() {
  const [location] = useLocation();
  const [needed, setNeeded] = useState(false);
  if (!needed && linkInLocation(location) !== null) setNeeded(true);
  return needed ? (
    <Suspense fallback={null}>
      <LinkOpener />
    </Suspense>
  ) : null;
}
