import { Monitor, Moon, Sun } from 'lucide-react';
import { Link, useLocation } from 'wouter';
import { IconButton } from '../components/Button';
import { cx } from '../components/cx';
import { Machine } from './Machine';
import type { StageState, StageView } from './stages';
import { useRunViews, useStages, type RunView } from './useRail';
import { useTheme, type Theme } from './useTheme';
import spoken from '../components/spoken.module.css';
import styles from './Rail.module.css';

/** What a dot's colour means, for those who do not see it. */
const stateWords: Record<StageState, string> = {
  empty: 'not yet',
  ready: 'ready',
  attention: 'needs attention',
  running: 'running',
};

/** The rail: every stage and every run with its state, and at the foot what the studio computes with. */
export function Rail() {
  const stages = useStages();
  const runs = useRunViews();
  const [location] = useLocation();
  return (
    <nav className={styles['rail']} aria-label="Studio">
      <div className={styles['brand']}>
        <svg viewBox="0 0 28 28" width="22" aria-hidden>
          <path
            d="M3 22V6M8 22v-9M13 22v-6M18 22v-9M23 22V6"
            fill="none"
            stroke="currentColor"
            strokeWidth="2.2"
            strokeLinecap="round"
          />
        </svg>
        <b>Vernier</b>
        <ThemeSwitch />
      </div>
      <ul className={styles['stages']}>
        {stages.map((stage) => (
          <li key={stage.path}>
            <StageLink stage={stage} active={location === `/${stage.path}`} />
          </li>
        ))}
      </ul>
      {runs.length > 0 && (
        <section className={styles['runs']} aria-labelledby="rail-runs">
          <h2 id="rail-runs">
            <Link href="/runs">Runs</Link>
          </h2>
          <ul>
            {runs.map((run) => (
              <li key={run.id}>
                <RunLink run={run} active={location === `/runs/${run.id}`} />
              </li>
            ))}
          </ul>
        </section>
      )}
      <footer className={styles['foot']}>
        <Machine />
      </footer>
    </nav>
  );
}

function StageLink({ stage, active }: { readonly stage: StageView; readonly active: boolean }) {
  const { path, label, state, detail, fraction } = stage;
  const share = state === 'running' ? `${100 * (fraction ?? 0.25)}%` : undefined;
  return (
    <Link
      href={`/${path}`}
      className={cx(styles['stage'], active && styles['active'])}
      aria-current={active ? 'page' : undefined}
    >
      <i
        className={cx(styles['dot'], styles[state])}
        style={share === undefined ? undefined : { ['--share' as string]: share }}
        aria-hidden
      />
      <span>
        <b>{label}</b>
        <small>
          <span className={spoken['spoken']}>{stateWords[state]}: </span>
          {detail}
        </small>
      </span>
    </Link>
  );
}

function RunLink({ run, active }: { readonly run: RunView; readonly active: boolean }) {
  return (
    <Link
      href={`/runs/${run.id}`}
      className={cx(styles['run'], active && styles['active'])}
      aria-current={active ? 'page' : undefined}
    >
      <i className={styles['swatch']} style={{ background: `var(--run-${run.colour})` }} aria-hidden />
      <span className={styles['runName']}>{run.name}</span>
      <small>{run.note}</small>
    </Link>
  );
}

const nextTheme: Record<Theme, Theme> = { system: 'light', light: 'dark', dark: 'system' };
const themeIcons = { system: <Monitor />, light: <Sun />, dark: <Moon /> };

function ThemeSwitch() {
  const [theme, choose] = useTheme();
  return (
    <IconButton
      className={styles['theme']}
      size="s"
      label={`Theme: ${theme}. Change to ${nextTheme[theme]}`}
      icon={themeIcons[theme]}
      onClick={() => choose(nextTheme[theme])}
    />
  );
}
