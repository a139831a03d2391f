import { useRunStore } from '../../stores/run';
import { LiveView } from './LiveView';
import { StartView } from './StartView';

/** Starts runs, and shows the one in progress. */
export default function TrainPage() {
  const live = useRunStore((state) => state.live);
  return live === null ? <StartView /> : <LiveView live={live} />;
}
