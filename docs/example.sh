# Two worlds. In the second a figure of Haiti is another one, Afghanistan does not answer, and Chad is gone.
npx dtm-exporter simulate --port 18081 --scale 0.01 &
npx dtm-exporter simulate --port 18082 --scale 0.01 --fault changed@HTI --fault dead@AFG --fault gone@TCD &
export DTMAPI_SUBSCRIPTION_KEY=sample-key

export DTMAPI_URL=http://127.0.0.1:18081
npx dtm-exporter export --to ./example --quiet
echo "exit $?"    # 0: published

export DTMAPI_URL=http://127.0.0.1:18082
npx dtm-exporter export --to ./example --quiet --run 2026-11-24T06-00-00Z
echo "exit $?"    # 1: refused, since Chad lost all its rows
npx dtm-exporter export --to ./example --quiet --run 2026-11-24T06-00-00Z --accept-drop
echo "exit $?"    # 3: published, with Afghanistan's rows carried from the release before

npx dtm-exporter status ./example
kill $(jobs -p)
