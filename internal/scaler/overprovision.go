package scaler

import (
	"fmt"
	"strconv"
)

// Strategy says how headroom is counted. The zero value is none.
type Strategy string

// The strategies, in the words of SEMAPHORE_AGENT_OVERPROVISION_STRATEGY.
const (
	None       Strategy = "none"
	Number     Strategy = "number"     // a fixed number of machines
	Percentage Strategy = "percentage" // of the demand, rounded up
)

// Overprovision is headroom: machines beyond demand, so that the next job finds one ready.
type Overprovision struct {
	Strategy Strategy
	Factor   int // machines, or percent; a negative one counts as zero
}

// ParseOverprovision reads the two settings. An empty strategy is none, and with none the factor does not matter.
func ParseOverprovision(strategy, factor string) (Overprovision, error) {
	o := Overprovision{Strategy: Strategy(strategy)}
	switch o.Strategy {
	case "", None:
		return Overprovision{Strategy: None}, nil
	case Number, Percentage:
	default:
		return Overprovision{}, fmt.Errorf("read overprovision strategy %q: must be none, number or percentage", strategy)
	}
	n, err := strconv.Atoi(factor)
	if err != nil || n < 0 {
		return Overprovision{}, fmt.Errorf("read overprovision factor %q: must be a whole number, 0 or more", factor)
	}
	o.Factor = n
	return o, nil
}

// of is the headroom for a demand that is not negative.
func (o Overprovision) of(demand int) int {
	factor := max(o.Factor, 0)
	switch o.Strategy {
	case Number:
		return factor
	case Percentage:
		return percent(demand, factor)
	default:
		return 0
	}
}
